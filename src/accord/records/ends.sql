-- The end of an agency's access to a part, where a clause says that it ends after a time.
--
-- A row of access_end closes, for one agency, one kind of part of one record, as far as access rests
-- on one kind of key: the keys of that kind given before the end no longer count for that agency.
-- A key given later counts. Key kind -1 closes access that needs no key. A row that is held (a legal
-- hold of the owner) closes nothing. Without an index probe where no access without a key has ended.

-- Bit 8 of `kinds` says that access without a key has ended: then alternative 0 does not count.
create or replace function accord.opens(bits bytea, label integer, newest integer, kinds integer)
returns boolean language sql immutable parallel safe
return (get_byte(bits, label) & get_byte(bits, newest)
        & get_byte(bits, 65536 + (kinds & 255)) & ~((kinds >> 8) & 1)) <> 0;

create or replace function accord.kinds_of(part uuid, held uuid[], needed boolean)
returns table (kinds integer) language sql stable
begin atomic
    select case when s.ended then 256 else 0 end | (
        select coalesce(bit_or(1 << k.kind), 0)
          from public.part_key k
         where (needed or s.ended) and k.part_id = kinds_of.part and k.key = any (held)
           and k.valid_from <= now() and (k.valid_until is null or k.valid_until > now())
           and not exists (
                select 1
                  from public.part p
                  join public.access_end e on e.record_id = p.record_id and e.part_kind = p.kind
                 where p.id = k.part_id and e.agency = (select accord.seal_agency())
                   and e.key_kind = k.kind and not e.held
                   and e.ends_at >= k.valid_from and e.ends_at <= now()))
      from (
        select (
            select exists (
                select 1 from public.access_end e
                 where e.agency = (select accord.seal_agency()) and e.key_kind = -1
                   and not e.held and e.ends_at <= now())
        ) and exists (
            select 1
              from public.part p
              join public.access_end e on e.record_id = p.record_id and e.part_kind = p.kind
             where p.id = kinds_of.part and e.agency = (select accord.seal_agency())
               and p.owner_id <> e.agency
               and e.key_kind = -1 and not e.held and e.ends_at <= now()
        ) as ended
      ) s;
end
