-- Whether a statement still rests on keys of its agency (docs/decisions/0020). PostgreSQL knows which key
-- counted when; that a signature verifies under it is for whoever reads the statement
-- (accord.agreements.statements.domain.is_signed), so what is said here is never more than the truth.

-- Whether an agency had a key that counts at a moment: in force then, and nobody else's.
create function accord.key_counted(of_agency text, moment timestamptz) returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select exists (
        select 1 from public.agency_key k
         where k.agency_id = of_agency and (k.valid_from is null or k.valid_from <= moment)
           and (k.retired_at is null or moment < k.retired_at)
           and (k.revoked_from is null or moment < k.revoked_from))
$$;

-- Whether what a statement needs was signed at moments at which a key of its agency counted, by two
-- people where two are needed, and nobody took it back.
create function accord.statement_stands(wanted uuid) returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select exists (
        select 1 from public.statement s
         where s.id = wanted
           and exists (
                select 1 from public.statement_act a
                 where a.statement_id = s.id and a.agency = s.agency and a.act = 'signed'
                   and a.signature is not null and accord.key_counted(a.agency, a.at))
           and (s.kind <> 'determination(emergency)' or exists (
                select 1 from public.statement_act a
                 where a.statement_id = s.id and a.agency = s.agency and a.act = 'confirmed'
                   and a.person is distinct from s.facts ->> 'person'
                   and a.signature is not null and accord.key_counted(a.agency, a.at)))
           and not exists (
                select 1 from public.statement_act a
                 where a.statement_id = s.id and a.act = 'revoked'))
$$;

-- The same of an own one, for whoever writes what it opens: the agency's keys do not change until that is
-- stored, and whoever changes them afterwards finds it (accord.void_what_a_key_signed, in records).
create function accord.statement_opens(wanted uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    mine text := accord.seal_agency();
begin
    if mine is null then
        raise exception 'accord: no standing' using errcode = '42501';
    end if;
    perform pg_advisory_xact_lock_shared(hashtextextended('accord.keys ' || mine, 0));
    return accord.statement_stands(wanted)
       and exists (select 1 from public.statement s where s.id = wanted and s.agency = mine);
end $$;

revoke execute on function accord.key_counted(text, timestamptz), accord.statement_stands(uuid),
    accord.statement_opens(uuid) from public;
grant execute on function accord.statement_opens(uuid) to accord_app
