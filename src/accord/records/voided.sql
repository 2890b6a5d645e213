-- What a statement opened is closed in the transaction that revokes its key (docs/decisions/0020): nobody
-- has to take it back, and whoever was told is told that it ended. A statement that was signed before the
-- key was others' stays. The keys' ends are the transaction's begin, so no later request finds them open.
create function accord.void_what_a_key_signed() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    void uuid[];
begin
    -- Whoever writes what a statement opens keeps a share of this (accord.statement_opens).
    perform pg_advisory_xact_lock(hashtextextended('accord.keys ' || new.agency_id, 0));
    select array_agg(s.id) into void
      from public.statement s
     where s.agency = new.agency_id and not accord.statement_stands(s.id)
       and exists (
            select 1 from public.statement_act a
             where a.statement_id = s.id and a.signature is not null and a.at >= new.revoked_from);
    update public.part_key k set valid_until = now()
      from public.statement s
     where s.id = any (void) and k.key = s.key and k.because = s.id
       and (k.valid_until is null or k.valid_until > now());
    insert into public.statement_notice
        (id, statement, by_agency, to_agency, kind, purpose, starts, ends, ended_at)
    select gen_random_uuid(), n.statement, n.by_agency, n.to_agency, n.kind, n.purpose, n.starts,
           n.ends, now()
      from public.statement_notice n
     where n.statement = any (void) and n.ended_at is null and n.ends > now()
       and not exists (
            select 1 from public.statement_notice e
             where e.statement = n.statement and e.to_agency = n.to_agency
               and e.ended_at is not null);
    return null;
end $$;

-- A new revision takes over the keys of the one before it (accord.supersede), but none whose statement
-- stands no more: a key that was revoked meanwhile would leave that one behind.
create function accord.carry_part_key() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
    return case when accord.statement_opens(new.because) then new end;
end $$;

-- What was revoked before this was enforced.
update public.part_key k set valid_until = now()
  from public.statement s
 where k.because = s.id and k.key = s.key and k.kind > 1
   and (k.valid_until is null or k.valid_until > now()) and not accord.statement_stands(s.id);

revoke execute on function accord.void_what_a_key_signed(), accord.carry_part_key() from public;
grant execute on function accord.void_what_a_key_signed(), accord.carry_part_key() to accord_owner
