-- What evidence holds against a session that speaks SQL by itself, past the actions (docs/decisions/0024,
-- 0025). Owned by accord_probe, as evidence.sql and custody.sql are.

-- An upload has a name of its own: with that of a stored file its member would reach its pieces.
create function accord.refuse_stored_name() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if exists (select 1 from public.stored_object o where o.id = new.id)
       or exists (select 1 from public.object_segment s where s.object_id = new.id) then
        raise exception 'accord: an upload is no file that is stored' using errcode = '42501';
    end if;
    return new;
end $$;

-- The last number of a case grows by one, so that none is left out and none is given twice.
create function accord.count_by_one() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if new.last <> old.last + 1 then
        raise exception 'accord: exhibits are numbered without a gap' using errcode = '42501';
    end if;
    return new;
end $$;

-- What another agency has signed for, or is offered, is there until it is back: retention ends no record
-- of it (docs/decisions/0024, 0025).
create function accord.keep_what_others_have() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if exists (select 1 from public.custody_head h
                where h.id = old.record_id and h.state not in ('released', 'disposed')
                  and (h.custodian_id <> h.owner_id or h.offered_to is not null)) then
        raise exception 'accord: another agency has this exhibit in custody, or is offered it'
            using errcode = '42501';
    end if;
    return old;
end $$;

-- A value of objects, texts, whole numbers and nothing in canonical form (RFC 8785); names are ASCII.
create function accord.custody_text(e jsonb) returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if jsonb_typeof(e) <> 'object' then
        return e::text;
    end if;
    return '{' || coalesce((
        select string_agg(to_json(f.name)::text || ':' || accord.custody_text(f.value), ','
                          order by f.name collate "C")
          from jsonb_each(e) as f(name, value)), '') || '}';
end $$;

-- Whether a text is an event, as accord.evidence.custody.reading reads it: a chain with any other in it
-- could be followed by nothing, ever.
create function accord.custody_event_fits(said text) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
    e jsonb := said::jsonb;
    digest constant text := '^[0-9a-f]{64}$';
begin
    return coalesce(
        jsonb_typeof(e) = 'object' and octet_length(said) < 32768
        and accord.custody_text(e) = said
        and array(select k from jsonb_object_keys(e) k order by k collate "C") = array[
            'act', 'after', 'agency', 'at', 'before', 'derived', 'exhibit', 'exhibit_number',
            'format', 'items', 'member', 'membership', 'number', 'order', 'place', 'previous',
            'reason', 'receiver', 'seal', 'source', 'to', 'tool', 'zone']
        and e ->> 'format' = 'accord-custody-event/1'
        and (select bool_and(jsonb_typeof(e -> k) = 'string' and e ->> k <> '')
               from unnest(array['exhibit', 'exhibit_number', 'act', 'member', 'membership',
                                 'agency', 'at', 'zone', 'place', 'reason']) k)
        and (select bool_and(jsonb_typeof(e -> k) in ('string', 'null')
                             and e ->> k is distinct from '')
               from unnest(array['seal', 'to', 'receiver']) k)
        and (select bool_and(jsonb_typeof(e -> k) in ('string', 'null')
                             and coalesce(e ->> k ~ digest, true))
               from unnest(array['previous', 'before', 'after']) k)
        and jsonb_typeof(e -> 'number') = 'number' and e ->> 'number' ~ '^[0-9]{1,5}$'
        and jsonb_typeof(e -> 'items') = 'number' and e ->> 'items' ~ '^[0-9]{1,7}$'
        and (e ->> 'items')::integer <= 1000000
        and (e ->> 'exhibit')::uuid::text = e ->> 'exhibit'
        and to_char((e ->> 'at')::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
            = e ->> 'at'
        and (select bool_and(case jsonb_typeof(e -> p.part)
                when 'null' then true
                when 'object' then
                    array(select k from jsonb_object_keys(e -> p.part) k order by k collate "C")
                        = p.names
                    and (select bool_and(jsonb_typeof(f.value) = 'string'
                                         and f.value #>> '{}' <> ''
                                         and (f.name <> 'sha256' or f.value #>> '{}' ~ digest))
                           from jsonb_each(e -> p.part) as f(name, value))
                else false end)
               from (values ('tool', array['name', 'version']),
                            ('derived', array['exhibit', 'sha256']),
                            ('source', array['exhibit', 'sha256']),
                            ('order', array['authority', 'number', 'sha256'])) as p(part, names)),
        false);
end $$;

-- Appends one event: the one way by which the application writes custody. What `add_custody` says of a
-- chain stands there; here stands that the text is an event and nothing else, and that nobody takes over
-- what was offered on a basis that fell away since (its owner has it back all the same).
create function accord.append_custody(
    event_id uuid, said text, sealed text, entry uuid, opening text, signature uuid
) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    own text := accord.seal_agency();
    e jsonb := said::jsonb;
begin
    if own is null then
        raise exception 'accord: no standing' using errcode = '42501';
    end if;
    if not accord.custody_event_fits(said) then
        return 'event-incomplete';
    end if;
    if e ->> 'act' = 'accept' and exists (
        select 1 from public.custody_head h
         where h.id = (e ->> 'exhibit')::uuid and h.offered_to = own and h.owner_id <> own
           and not h.goes_back
           and not exists (
                select 1 from public.part p join public.label l on l.id = p.label_id
                 where p.record_id = h.id and p.kind = 'core' and p.superseded_at is null
                   and (l.facts ->> 'basis') <> 'unrecorded')) then
        return 'no-basis';
    end if;
    return accord.add_custody(event_id, said, sealed, entry, opening, signature);
end $$;

do $$
declare
    made regprocedure;
begin
    foreach made in array array[
        'accord.refuse_stored_name()', 'accord.count_by_one()', 'accord.keep_what_others_have()',
        'accord.custody_text(jsonb)', 'accord.custody_event_fits(text)',
        'accord.append_custody(uuid,text,text,uuid,text,uuid)']::regprocedure[]
    loop
        execute format('revoke execute on function %s from public', made);
    end loop;
end $$;
grant execute on function accord.append_custody(uuid, text, text, uuid, text, uuid) to accord_app
