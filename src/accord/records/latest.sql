-- The parts of one label, between two (moment, part), by which their records are on the latest list:
-- open without a key, and no newer part of the same record is open. Inlined; under the caller's rights.
create function accord.newest_of(
    v bytea, held uuid[], mine text, label integer, before timestamptz, before_part uuid,
    since timestamptz, since_part uuid, most integer
) returns table (part_id uuid, record_id uuid, created_at timestamptz) language sql stable
begin atomic
    select p.id, p.record_id, p.created_at
      from public.part p
     where p.label_id = newest_of.label and p.superseded_at is null
       and (get_byte(v, p.newest_label_id) & 1) = 1
       and (p.created_at, p.id) < (before, before_part)
       and (p.created_at, p.id) >= (since, since_part)
       and (p.owner_id = mine or not exists (
        select 1 from public.access_end e
         where e.agency = mine and e.record_id = p.record_id and e.part_kind = p.kind
           and e.key_kind = -1 and e.ends_at <= now() and not e.held))
       and not exists (
        select 1
          from public.part q
         cross join lateral accord.kinds_of(
                q.id, held, (get_byte(v, q.label_id) & get_byte(v, q.newest_label_id) & 1) = 0) k
         where q.record_id = p.record_id and q.superseded_at is null
           and (q.created_at, q.id) > (p.created_at, p.id)
           and accord.opens(v, q.label_id, q.newest_label_id, k.kinds))
     order by p.created_at desc, p.id desc
     limit most;
end;

revoke execute on function accord.newest_of(
    bytea, uuid[], text, integer, timestamptz, uuid, timestamptz, uuid, integer) from public;
grant execute on function accord.newest_of(
    bytea, uuid[], text, integer, timestamptz, uuid, timestamptz, uuid, integer) to accord_app
