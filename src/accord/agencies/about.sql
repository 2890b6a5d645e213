-- How what the directory says of an agency changes: its territory, its competence, its duty desk, its
-- signing key. The application's role cannot write it; these functions are owned by accord_probe and each
-- asks the seal who acts. Every change takes two administrators, but one: whoever learns that others have
-- the key revokes it from that moment on, alone and at once.

-- Whether the facts of a change have the form in which they are kept. What the pages refuse in words is
-- refused here again, so that injected SQL puts in nothing that no reader can read.
create function accord.agency_facts_fit(kind text, facts jsonb) returns boolean
language plpgsql immutable security definer
set search_path = pg_catalog, pg_temp as $$
declare
    one jsonb;
begin
    if jsonb_typeof(facts) <> 'object' or length(facts::text) > 100000 then
        return false;
    end if;
    case kind
    when 'territory' then
        if jsonb_typeof(facts -> 'places') is distinct from 'array' then
            return false;
        end if;
        for one in select * from jsonb_array_elements(facts -> 'places') loop
            if not coalesce(
                length(one ->> 'name') between 1 and 200
                and case one ->> 'scheme'
                    when 'iso-3166-1' then one ->> 'code' ~ '^[A-Z]{2}$'
                    when 'iso-3166-2' then one ->> 'code' ~ '^[A-Z]{2}-[A-Z0-9]{1,3}$'
                    when 'us-fips' then one ->> 'code' ~ '^[0-9]{2}([0-9]{3})?$'
                    when 'us-place' then one ->> 'code' ~ '^[0-9]{7}$'
                        and coalesce(one ->> 'within' ~ '^[0-9]{5}$', true)
                    else false end, false) then
                return false;
            end if;
        end loop;
        return true;
    when 'competence' then
        return coalesce(
            jsonb_typeof(facts -> 'offences') = 'array' and jsonb_typeof(facts -> 'courts') = 'array'
            and (facts -> 'offences') <@ to_jsonb({offence})
            and (facts -> 'courts') <@ to_jsonb({court}), false);
    when 'duty-desk' then
        if not coalesce(
            length(facts ->> 'name') between 1 and 200
            and facts ->> 'phone' ~ '^\+[1-9][0-9 -]{5,24}$'
            and length(facts ->> 'hours') <= 200 and length(facts ->> 'escalation') <= 200
            and jsonb_typeof(facts -> 'weekly') = 'array'
            and jsonb_typeof(facts -> 'exceptions') = 'array'
            and jsonb_typeof(facts -> 'ladder') = 'array', false) then
            return false;
        end if;
        for one in select * from jsonb_array_elements(facts -> 'weekly') loop
            if not coalesce(
                jsonb_typeof(one -> 'days') = 'array'
                and (one -> 'days') <@ '["mon","tue","wed","thu","fri","sat","sun"]'::jsonb
                and one ->> 'opens' ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'
                and one ->> 'closes' ~ '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$', false) then
                return false;
            end if;
        end loop;
        for one in select * from jsonb_array_elements(facts -> 'exceptions') loop
            if not coalesce(
                one ->> 'day' ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'
                and length(one ->> 'why') <= 200
                and (one ->> 'opens' is null and one ->> 'closes' is null
                     or one ->> 'opens' ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'
                        and one ->> 'closes' ~ '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$'),
                false) then
                return false;
            end if;
        end loop;
        for one in select * from jsonb_array_elements(facts -> 'ladder') loop
            if not coalesce(
                length(one ->> 'name') between 1 and 200
                and one ->> 'phone' ~ '^\+[1-9][0-9 -]{5,24}$'
                and jsonb_typeof(one -> 'after_min') = 'number'
                and one ->> 'after_min' ~ '^[0-9]{1,4}$', false) then
                return false;
            end if;
        end loop;
        return true;
    when 'key' then
        return coalesce(
            facts ->> 'key' ~ '^[0-9a-f]{64}$' and facts ->> 'predecessor' ~ '^[0-9a-f]{64}$'
            and facts ->> 'signature' ~ '^[0-9a-f]{128}$', false);
    when 'revoke-key' then
        return coalesce(
            facts ->> 'key' ~ '^[0-9a-f]{64}$' and length(facts ->> 'reason') between 1 and 200
            and (facts ->> 'since' is null
                 or facts ->> 'since' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+\+00:00$'), false);
    else
        return false;
    end case;
end $$;

-- Whether the sealed agency is a light member of this node (docs/decisions/0020).
create function accord.is_light() returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select coalesce((select a.light from public.agency a where a.id = accord.seal_agency()), true)
$$;

-- Takes back a proposal; the proposer's right and every other administrator's of the agency.
create function accord.withdraw_agency_change(change uuid) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
    update public.agency_change c
       set state = 'withdrawn', decided_by = accord.seal_member(), decided_at = accord.clock()
     where c.id = change and c.agency_id = accord.seal_agency() and c.state = 'proposed'
       and accord.administers() is not null;
    if not found then
        raise exception 'accord: there is no such proposal' using errcode = '42501';
    end if;
end $$;

-- Puts a proposed change in force. Refused unless:
--   1. the seal names an administrator of the agency, in force now;
--   2. the change is of this agency, still proposed, and not older than seven days;
--   3. its proposer still administers the agency and is another person; a key that is revoked from
--      this moment on, and was not before, takes its proposer alone;
--   4. what it says has the form in which it is kept.
create function accord.apply_agency_change(change uuid) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    agency text := accord.seal_agency();
    me text := accord.administers();
    moment timestamptz;
    c public.agency_change;
    was public.agency;
    proposer text;
    alone boolean;
    since timestamptz;
begin
    if me is null then
        raise exception 'accord: no standing' using errcode = '42501';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('accord.directory ' || agency, 0));
    select * into c from public.agency_change w
     where w.id = change and w.agency_id = agency and w.state = 'proposed' for update;
    if not found then
        raise exception 'accord: there is no such proposal' using errcode = '42501';
    end if;
    if c.kind in ('key', 'revoke-key') then
        -- Whoever signs keeps a share of this until the signature is stored (accord.agencies.queries).
        perform pg_advisory_xact_lock(hashtextextended('accord.keys ' || agency, 0));
    end if;
    -- Taken after the waiting: of two changes the later has the later moment, and what was signed while
    -- this one waited lies before it.
    moment := accord.clock();
    if c.proposed_at <= moment - interval '7 days'
       or c.proposed_at > moment + interval '5 minutes' then
        raise exception 'accord: the proposal is over' using errcode = '42501';
    end if;
    proposer := accord.administrator_by(c.proposed_by, agency);
    alone := c.kind = 'revoke-key' and c.facts ->> 'since' is null;
    if proposer is null or alone and c.proposed_by <> accord.seal_member()
       or not alone and proposer = me then
        raise exception 'accord: it takes two' using errcode = '42501';
    end if;
    if not accord.agency_facts_fit(c.kind, c.facts) then
        raise exception 'accord: it is not well described' using errcode = '42501';
    end if;
    select * into was from public.agency a where a.id = agency for update;
    case c.kind
    when 'territory' then
        update public.agency a set territory = c.facts where a.id = agency;
    when 'competence' then
        update public.agency a set competence = c.facts where a.id = agency;
    when 'duty-desk' then
        update public.agency a set duty_desk = c.facts where a.id = agency;
    when 'revoke-key' then
        -- Revoked already, it may be said that others had it still earlier: never later, and when the
        -- agency learnt of it stays.
        since := coalesce((c.facts ->> 'since')::timestamptz, moment);
        update public.agency_key k
           set revoked_at = coalesce(k.revoked_at, moment), revoked_from = since,
               sayings = k.sayings || jsonb_build_array(jsonb_build_array(moment, since)),
               reason = c.facts ->> 'reason'
         where k.agency_id = agency and k.public_key = decode(c.facts ->> 'key', 'hex')
           and (k.revoked_at is null or since < k.revoked_from) and since <= moment
           and (k.valid_from is null or k.valid_from <= since);
        if not found then
            raise exception 'accord: there is no such key to revoke' using errcode = '42501';
        end if;
    when 'key' then
        -- That the old key signed the new one is verified by everybody who reads keys
        -- (accord.agencies.keys): one whose predecessor's signature does not verify counts for nothing.
        update public.agency_key k set retired_at = moment
         where k.agency_id = agency and k.public_key = decode(c.facts ->> 'predecessor', 'hex')
           and k.retired_at is null and k.revoked_at is null;
        if not found or exists (select 1 from public.agency_key k
                                 where k.public_key = decode(c.facts ->> 'key', 'hex')) then
            raise exception 'accord: it follows no key in force' using errcode = '42501';
        end if;
        insert into public.agency_key
            (id, agency_id, public_key, valid_from, sayings, reason, predecessor, signature)
        values (gen_random_uuid(), agency, decode(c.facts ->> 'key', 'hex'), moment, '[]', '',
                decode(c.facts ->> 'predecessor', 'hex'), decode(c.facts ->> 'signature', 'hex'));
    end case;
    update public.agency_change w
       set state = 'applied', decided_by = accord.seal_member(), decided_at = moment,
           held = case c.kind when 'territory' then was.territory
                              when 'competence' then was.competence
                              when 'duty-desk' then was.duty_desk else '{}' end
     where w.id = c.id;
end $$;

revoke execute on function accord.agency_facts_fit(text, jsonb), accord.withdraw_agency_change(uuid),
    accord.apply_agency_change(uuid), accord.is_light() from public;
grant execute on function accord.agency_facts_fit(text, jsonb), accord.withdraw_agency_change(uuid),
    accord.apply_agency_change(uuid), accord.is_light() to accord_app
