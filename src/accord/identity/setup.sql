-- How a node that has nobody gets its first agency and its two administrators. Owned by accord_probe:
-- with accord.join_node these are the only ways by which the application brings an agency into the
-- directory, and each asks for a link of the operator.

-- Whether the node still waits for its agency and its administrators: then nothing else answers. One
-- that was filled otherwise (a demonstration, one from before there was a set-up) has no such row.
create function accord.setting_up() returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select exists (select 1 from public.node_setup s where s.opened_at is null)
        or not exists (select 1 from public.agency)
$$;

-- An agency, its key and its two administrators, each with a one-time link; for the two functions that
-- have asked for a link of the operator, and for nobody else.
--   facts   {agency: {id, name, kind, country, ori, zone, duty_desk}, people: [{member, membership,
--           name, nationality, title, link}]}; link is the digest of a one-time link, in hex
create function accord.add_agency(key bytea, facts jsonb, is_light boolean) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    agency jsonb := facts -> 'agency';
    person jsonb;
begin
    if octet_length(key) <> 32 or jsonb_array_length(facts -> 'people') <> 2
       or facts #>> '{people,0,member}' = facts #>> '{people,1,member}' then
        raise exception 'accord: the set-up names one key and two people' using errcode = '22023';
    end if;
    insert into public.agency (id, name, kind, country, ori, zone, duty_desk, light)
    values (agency ->> 'id', agency ->> 'name', agency ->> 'kind', agency ->> 'country',
            agency ->> 'ori', agency ->> 'zone', agency -> 'duty_desk', is_light);
    insert into public.agency_key (id, agency_id, public_key, sayings, reason)
    values (gen_random_uuid(), agency ->> 'id', key, '[]', '');
    for person in select * from jsonb_array_elements(facts -> 'people') loop
        insert into public.member (id, name, nationality, persona)
        values (person ->> 'member', person ->> 'name', person ->> 'nationality', '');
        insert into public.membership
            (id, member_id, agency_id, title, roles, clearance, assurance, valid_from)
        values (person ->> 'membership', person ->> 'member', agency ->> 'id', person ->> 'title',
                array['system-administrator'], 'none', 3, clock_timestamp());
        insert into public.signin_link (token_hash, membership_id, expires_at)
        values (decode(person ->> 'link', 'hex'), person ->> 'membership',
                clock_timestamp() + interval '12 hours');
    end loop;
end $$;

-- The first agency, its key and its two administrators, by whoever holds the operator's link, once.
--   facts   as accord.add_agency takes them
create function accord.set_up(token bytea, key bytea, facts jsonb) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
    update public.node_setup s set agency_id = facts #>> '{agency,id}'
     where s.token_hash = token and s.agency_id is null and s.opened_at is null
       and s.expires_at > clock_timestamp();
    if not found or exists (select 1 from public.agency) then
        raise exception 'accord: no standing' using errcode = '42501';
    end if;
    perform accord.add_agency(key, facts, false);
end $$;

-- Opens the node once both administrators hold a passkey; says whether it is open now.
create function accord.open_node() returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
    update public.node_setup s set opened_at = clock_timestamp()
     where s.opened_at is null and s.agency_id is not null
       and (select count(distinct m.member_id)
              from public.membership m
              join public.passkey k on k.member_id = m.member_id and k.revoked_at is null
             where m.agency_id = s.agency_id and 'system-administrator'
                   = any (accord.held_roles(m, clock_timestamp()))) >= 2;
    return not accord.setting_up();
end $$;

revoke execute on function accord.setting_up(), accord.set_up(bytea, bytea, jsonb),
    accord.open_node(), accord.add_agency(bytea, jsonb, boolean) from public;
grant execute on function accord.setting_up(), accord.set_up(bytea, bytea, jsonb),
    accord.open_node() to accord_app
