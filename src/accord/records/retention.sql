-- How a record ends. The application deletes nothing itself; these functions are owned by
-- accord_probe, and each asks the seal who acts, in which role and with which clauses.

-- The time by the database's clock. It is moved, for tests and exercises, by a row that no role of
-- the application may write.
create function accord.clock() returns timestamptz
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select clock_timestamp() + coalesce((select s.ahead from accord.clock_shift s), interval '0')
$$;

create function accord.retention_day() returns date
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select (accord.clock() at time zone 'UTC')::date
$$;

create function accord.keeps_records() returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select coalesce(accord.seal_roles() && array['records-custodian', 'supervisor'], false)
$$;

-- Own records whose day of review or last day has come by `day`, the earliest first; or the one
-- that is named. For those who keep the agency's records: also what they may not read, since it
-- must be reviewed too. Days and words of the vocabulary, never content.
create function accord.own_retention(wanted uuid, day date, cap integer)
returns table (
    record_id uuid, schema text, source_system text, retention_class text, created_on date,
    review_on date, retain_until date, validated_on date, legal_hold boolean, intelligence boolean
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan as $$
#variable_conflict use_column
declare
    agency text := accord.seal_agency();
    most integer := least(cap, 1000);
    ids uuid[];
begin
    if agency is null or not accord.keeps_records() then
        return;
    end if;
    if wanted is not null then
        ids := array[wanted];
    else
        -- Each branch along its own index. What came before there were classes is reviewed six
        -- years after it came.
        select array_agg(d.id) into ids from (
            (select r.id from public.record r
              where r.owner_id = agency and r.review_on <= day order by r.review_on limit most)
            union
            (select r.id from public.record r
              where r.owner_id = agency and r.retain_until < day order by r.retain_until limit most)
            union
            (select r.id from public.record r
              where r.owner_id = agency and r.review_on is null
                and r.created_at < day::timestamp at time zone 'UTC' - interval '6 years'
              order by r.created_at limit most)
        ) d;
    end if;
    return query
    select r.id, r.schema, r.source_system, r.retention_class,
           (r.created_at at time zone 'UTC')::date, f.review_on, r.retain_until, r.validated_on,
           r.legal_hold, r.intelligence
      from public.record r
     cross join lateral (
        select coalesce(r.review_on,
                        ((r.created_at at time zone 'UTC') + interval '6 years')::date) as review_on
     ) f
     where r.id = any(ids) and r.owner_id = agency
     order by least(f.review_on, r.retain_until), r.id
     limit most;
end $$;

-- What a purge of an own record would remove: every part of every revision, by kind and label, with
-- how many keys and search rows go with it.
create function accord.manifest(wanted uuid)
returns table (
    part_id uuid, kind text, revision integer, label_id integer, sealed boolean, replaced boolean,
    keys integer, terms integer
)
language sql stable security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan as $$
    select p.id, p.kind, p.revision, p.label_id, p.sealed_body is not null,
           p.superseded_at is not null,
           (select count(*) from public.part_key k where k.part_id = p.id)::integer,
           ((select count(*) from public.search_name s where s.part_id = p.id)
            + (select count(*) from public.search_exact s where s.part_id = p.id)
            + (select count(*) from public.search_text s where s.part_id = p.id))::integer
      from public.part p
     where p.record_id = wanted and p.owner_id = (select accord.seal_agency())
       and (select accord.keeps_records())
     order by p.revision desc, p.kind, p.id
$$;

-- Carries out a review that keeps the record: its new days, and the day of validation from which
-- the legal maximum counts. The review names its author, and is of today.
create function accord.revalidate(review uuid) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    agency text := accord.seal_agency();
    open_bits bytea := accord.bits('alter');
    v public.retention_review;
begin
    if agency is null or open_bits is null or not accord.keeps_records() then
        raise exception 'accord: no standing' using errcode = '42501';
    end if;
    select * into v from public.retention_review r
     where r.id = review and r.owner_id = agency and r.state = 'kept'
       and r.by_member = accord.seal_member() and r.closed_at is null for update;
    if not found or exists (
        select 1 from public.part p
         where p.record_id = v.record_id and p.superseded_at is null
           and (get_byte(open_bits, p.label_id) & 1) = 0) then
        raise exception 'accord: alter is not open' using errcode = '42501';
    end if;
    update public.record r
       set review_on = v.review_on, retain_until = v.retain_until,
           validated_on = accord.retention_day()
     where r.id = v.record_id and r.owner_id = agency
       and not (r.legal_hold and v.retain_until is not null
                and (r.retain_until is null or v.retain_until < r.retain_until));
    if not found then
        raise exception 'accord: alter is not open' using errcode = '42501';
    end if;
    update public.retention_review r
       set closed_by = v.by_member, closed_at = v.at where r.id = review;
end $$;

-- The one way by which a record is deleted. It removes the record, its parts of every revision with
-- what is sealed in them and the wrapped data key, its keys, its search rows, its place among the
-- refused rows and the ends of access to it; what stays is a tombstone.
-- Refused unless: the seal names a custodian or supervisor of the owner; a proposal of this agency
-- stands; another person made it, in such a role, and still has one; every current part is open to this member for
-- `alter`; no legal hold stands; the day has come; and what would go is what the first person saw.
create function accord.purge(review uuid, entry uuid, authority text) returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan as $$
declare
    agency text := accord.seal_agency();
    me text := accord.seal_member();
    open_bits bytea := accord.bits('alter');
    today date := accord.retention_day();
    v public.retention_review;
    r public.record;
    going uuid[];
begin
    if agency is null or open_bits is null or not accord.keeps_records() then
        raise exception 'accord: no standing' using errcode = '42501';
    end if;
    select * into v from public.retention_review w
     where w.id = review and w.owner_id = agency and w.state = 'proposed' for update;
    if not found then
        raise exception 'accord: there is no such proposal' using errcode = '42501';
    end if;
    if not exists (
        select 1 from public.membership a, public.membership b
         where a.id = v.by_member and b.id = me and a.member_id <> b.member_id
           and a.agency_id = agency and b.agency_id = agency
           and accord.in_force(a, accord.clock())
           and accord.held_roles(a, accord.clock()) && array['records-custodian', 'supervisor']) then
        raise exception 'accord: a purge needs two people' using errcode = '42501';
    end if;
    select * into r from public.record w
     where w.id = v.record_id and w.owner_id = agency for update;
    if not found or r.legal_hold then
        raise exception 'accord: a legal hold beats a purge' using errcode = '42501';
    end if;
    if not coalesce(r.retain_until < today, false)
       and coalesce(r.review_on, ((r.created_at at time zone 'UTC') + interval '6 years')::date)
           > today then
        raise exception 'accord: its day has not come' using errcode = '42501';
    end if;
    select array_agg(p.id order by p.id) into going
      from public.part p where p.record_id = r.id;
    if going is distinct from v.parts then
        raise exception 'accord: the record is not what was proposed' using errcode = '40001';
    end if;
    if exists (
        select 1 from public.part p
         where p.record_id = r.id and p.superseded_at is null
           and (get_byte(open_bits, p.label_id) & 1) = 0) then
        raise exception 'accord: alter is not open' using errcode = '42501';
    end if;
    delete from public.search_name s where s.part_id = any(going);
    delete from public.search_exact s where s.part_id = any(going);
    delete from public.search_text s where s.part_id = any(going);
    delete from public.part_key k where k.part_id = any(going);
    delete from public.part p where p.record_id = r.id;
    delete from public.quarantine_entry q where q.record_id = r.id;
    delete from public.access_end e where e.record_id = r.id;
    delete from public.subscription_match m where m.record_id = r.id;
    delete from public.record w where w.id = r.id;
    insert into public.tombstone
        (record_id, owner_id, schema, retention_class, authority, id, entry_id,
         proposed_by, approved_by, parts, at)
    values (r.id, agency, r.schema, r.retention_class, authority, review, entry,
            v.by_member, me, cardinality(going), accord.clock());
    update public.retention_review w
       set state = 'purged', closed_by = me, closed_at = accord.clock()
     where w.id = review;
    return cardinality(going);
end $$;

do $$
declare
    made regprocedure;
begin
    foreach made in array array[
        'accord.clock()', 'accord.retention_day()', 'accord.keeps_records()',
        'accord.own_retention(uuid,date,integer)', 'accord.manifest(uuid)',
        'accord.revalidate(uuid)', 'accord.purge(uuid,uuid,text)']::regprocedure[]
    loop
        execute format('revoke execute on function %s from public', made);
        execute format('grant execute on function %s to accord_app', made);
    end loop;
end $$
