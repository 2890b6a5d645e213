"""Count an agency's own records by the labels of their parts: one statement, no content."""

from __future__ import annotations

from django.db import connection

from accord.agreements.impact import Kept
from accord.agreements.scope import Scope, kinds_of
from accord.kernel.clock import now

# Row-level security counts what the viewer may see. A record is one group of (label, key kinds).
_KINDS = 256
_COUNT = """
select parts, count(*)
  from (select p.record_id, array_agg(p.label_id * 256 + coalesce(k.kinds, 0)
                                      order by p.label_id * 256 + coalesce(k.kinds, 0)) as parts
          from part p
          left join (select part_id, bit_or(1 << kind) as kinds
                       from part_key
                      where owner_id = %(agency)s and valid_from <= %(at)s
                        and (valid_until is null or valid_until > %(at)s)
                      group by part_id) k on k.part_id = p.id
         where p.owner_id = %(agency)s and p.superseded_at is null
         group by p.record_id) r
 group by parts
"""


def own_records_by_label(scope: Scope) -> tuple[Kept, ...]:
    """Return how many of the agency's own records that the viewer sees have which labels."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"agency": scope.actor.agency, "at": now()})
        rows = cursor.fetchall()
    return tuple(
        Kept(tuple((n // _KINDS, kinds_of(n % _KINDS)) for n in sorted(parts)), records)
        for parts, records in sorted(rows)
    )
