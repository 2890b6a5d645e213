-- How the directory of an agency changes. The application's role cannot write it; these functions are
-- owned by accord_probe and each asks the seal who acts. A change that gives more takes two people;
-- one that takes away takes one. What the page checks is checked here again: injected SQL in one
-- administrator's session gives nobody anything.

-- Words that the directory may hold: those of vocabulary 2, put in by the migration.
create function accord.directory_words(dimension text) returns text[]
language plpgsql immutable security definer
set search_path = pg_catalog, pg_temp as $$
begin
    return case dimension
        when 'role' then {role}
        when 'clearance' then {clearance}
        when 'training' then {training}
    end;
end $$;

-- The agency of a sealed system administrator; NULL for everybody else, and for a token that is not
-- for taking steps.
create function accord.administered() returns text
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select s.agency_id from accord.standing s
     where s.id = (select (accord.seal_claims()).standing) and s.valid_until > now()
       and 'system-administrator' = any (s.roles)
       and coalesce(s.facts #> '{token,actions}' ? 'step', true)
$$;

-- The roles that a membership holds at a moment: each may have its own end.
create function accord.held_roles(m public.membership, at timestamptz) returns text[]
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select array(select r from unnest(m.roles) r
                  where coalesce((m.ends #>> array['role', r])::timestamptz, 'infinity') > at)
$$;

-- Whether a membership is in force at a moment: it has begun and is not over, its agency is not
-- suspended, and not every role of it is over. The same as accord.agencies.queries.in_force_at.
-- INVARIANT: whatever SQL asks who acts for an agency asks this, and held_roles for what a role gives.
create function accord.in_force(m public.membership, at timestamptz) returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select m.valid_from <= at and coalesce(m.valid_until, 'infinity') > at
       and (cardinality(m.roles) = 0 or cardinality(accord.held_roles(m, at)) > 0)
       and exists (select 1 from public.agency a
                    where a.id = m.agency_id and coalesce(a.suspended_at, 'infinity') > at)
$$;

-- The level that a membership holds of a fact: the lowest once its end has come.
create function accord.held_level(m public.membership, fact text, given integer, at timestamptz)
returns integer
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select case when coalesce((m.ends ->> fact)::timestamptz, 'infinity') > at then given else 1 end
$$;

-- The person who administers an agency at this moment by this membership; null where nobody does.
create function accord.administrator_by(membership text, agency text) returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select m.member_id from public.membership m
         where m.id = membership and m.agency_id = agency and accord.in_force(m, accord.clock())
           and 'system-administrator' = any (accord.held_roles(m, accord.clock())));
end $$;

-- The person behind the seal, if they administer the sealed agency at this moment; null otherwise.
create function accord.administers() returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
    return (
        select accord.administrator_by(accord.seal_member(), accord.administered()));
end $$;

-- Whether a person is another agency's at a moment: acts for it, or is suspended there and can be
-- resumed. A scheduled beginning counts too, and so does a membership whose roles are over: that agency
-- can give it others.
create function accord.acts_elsewhere(person text, agency text, moment timestamptz) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
    return exists (
        select 1 from public.membership m
         where m.member_id = person and m.agency_id <> agency
           and (m.valid_until is null or m.valid_until > moment
                or exists (select 1 from public.directory_change w
                            where w.membership_id = m.id and w.kind = 'suspend'
                              and w.state = 'applied' and w.decided_at = m.valid_until)
                   and not exists (select 1 from public.directory_change w
                                    where w.membership_id = m.id and w.kind = 'leave'
                                      and w.state = 'applied' and w.decided_at > m.valid_until)));
end $$;

-- How many people but one administer an agency now and still at a later moment.
create function accord.other_administrators(agency text, person text, later timestamptz) returns bigint
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
begin
    return (select count(distinct m.member_id) from public.membership m
             where m.agency_id = agency and m.member_id <> person
               and 'system-administrator' = any (accord.held_roles(m, later))
               and m.valid_from <= accord.clock() and accord.in_force(m, later));
end $$;

-- The ends of a membership with that of one fact as a change says it: none, or the one it names.
create function accord.with_end(ends jsonb, fact text, said jsonb) returns jsonb
language sql immutable security definer
set search_path = pg_catalog, pg_temp as $$
    select case when said ->> 'until' is null then ends - fact
                else ends || jsonb_build_object(fact, said -> 'until') end
$$;

-- Whether a change gives more than there is now; only the directory as it stands decides that.
create function accord.directory_gives(wanted text, subject text, said jsonb) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
    held public.membership;
    levels text[] := accord.directory_words('clearance');
    level integer;
    now_held integer;
begin
    if wanted in ('leave', 'suspend', 'review') then
        return false;
    end if;
    if wanted in ('join', 'training', 'resume', 'enrolment') then
        return true;
    end if;
    select * into held from public.membership m where m.id = subject;
    if wanted = 'role' then
        return jsonb_array_length(said -> 'add') > 0;
    elsif wanted = 'clearance' then
        level := array_position(levels, said ->> 'to');
        now_held := array_position(levels, held.clearance);
    elsif wanted = 'assurance' then
        level := (said ->> 'to')::integer;
        now_held := held.assurance;
    end if;
    -- A higher level gives more, and so does a later end of any but the lowest.
    return coalesce(
        level > accord.held_level(held, wanted, now_held, accord.clock())
        or level > 1 and coalesce((said ->> 'until')::timestamptz, 'infinity')
                         > coalesce((held.ends ->> wanted)::timestamptz, 'infinity'),
        true);
end $$;

-- Takes back a proposal; the proposer's right and every other administrator's of the agency.
create function accord.withdraw_directory_change(change uuid) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
    update public.directory_change c
       set state = 'withdrawn', decided_by = accord.seal_member(), decided_at = accord.clock()
     where c.id = change and c.agency_id = accord.seal_agency() and c.state = 'proposed'
       and accord.administers() is not null;
    if not found then
        raise exception 'accord: there is no such proposal' using errcode = '42501';
    end if;
end $$;

-- Puts a proposed change in force. Returns the token of a one-time link where the change brings one;
-- only its digest is kept. Refused unless:
--   1. the seal names an administrator of the agency, in force now;
--   2. the change is of this agency, still proposed, and not older than seven days;
--   3. for what gives more: proposer, approver and subject are three people, and the proposer still
--      administers the agency; for a review: the reviewer is not the subject;
--   4. its words are of the vocabulary;
--   5. after it, two other administrators stay in force where it takes one away;
--   6. a new link opens nobody's membership of another agency.
create function accord.apply_directory_change(change uuid) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    agency text := accord.seal_agency();
    me text := accord.administers();
    moment timestamptz := accord.clock();
    c public.directory_change;
    held public.membership;
    proposer text;
    gives boolean;
    since timestamptz;
    known boolean;
    elsewhere boolean;
    limits boolean;
    roles text[];
    token text;
begin
    if me is null then
        raise exception 'accord: no standing' using errcode = '42501';
    end if;
    -- One change of an agency at a time: two that each leave two administrators may leave none.
    perform pg_advisory_xact_lock(hashtextextended('accord.directory ' || agency, 0));
    select * into c from public.directory_change w
     where w.id = change and w.agency_id = agency and w.state = 'proposed' for update;
    if not found then
        raise exception 'accord: there is no such proposal' using errcode = '42501';
    end if;
    if c.proposed_at <= moment - interval '7 days'
       or c.proposed_at > moment + interval '5 minutes' then
        raise exception 'accord: the proposal is over' using errcode = '42501';
    end if;
    select * into held from public.membership m where m.id = c.membership_id for update;
    if c.kind = 'join' then
        if found and (held.agency_id <> agency or held.member_id <> c.member_id
                      or held.valid_until is null or held.valid_until > moment
                      or not exists (select 1 from public.member m where m.id = c.member_id
                                        and m.name = c.facts ->> 'name')) then
            raise exception 'accord: is a member already' using errcode = '42501';
        end if;
    elsif not found or held.agency_id <> agency or held.member_id <> c.member_id then
        raise exception 'accord: no such member' using errcode = '42501';
    end if;
    gives := accord.directory_gives(c.kind, c.membership_id, c.facts);
    if gives then
        proposer := accord.administrator_by(c.proposed_by, agency);
        if proposer is null or proposer = me or me = c.member_id or proposer = c.member_id then
            raise exception 'accord: it takes two others' using errcode = '42501';
        end if;
    elsif c.proposed_by <> accord.seal_member() then
        raise exception 'accord: it takes whoever says it' using errcode = '42501';
    end if;
    if c.kind = 'review' and me = c.member_id then
        raise exception 'accord: nobody reviews themselves' using errcode = '42501';
    end if;
    limits := c.kind = 'role' and c.facts -> 'add' ? 'system-administrator'
              and c.facts ->> 'until' is not null;
    if c.kind in ('leave', 'suspend') or limits
       or c.kind = 'role' and c.facts -> 'remove' ? 'system-administrator' then
        since := greatest(moment, coalesce(
            (c.facts ->> 'at')::timestamptz,
            case when limits then (c.facts ->> 'until')::timestamptz end, moment));
        if 'system-administrator' = any (accord.held_roles(held, moment))
           and (held.valid_until is null or held.valid_until > moment)
           -- At that moment, and whenever another's end comes that is after it.
           and exists (
               select 1 from (
                   select since as later
                   union all
                   select least(m.valid_until, (m.ends #>> '{role,system-administrator}')::timestamptz)
                     from public.membership m
                    where m.agency_id = agency and m.member_id <> c.member_id
                      and 'system-administrator' = any (accord.held_roles(m, since))) t
                where t.later >= since
                  and (t.later = since
                       or 'system-administrator' = any (accord.held_roles(held, t.later))
                          and (held.valid_until is null or held.valid_until > t.later))
                  and accord.other_administrators(agency, c.member_id, t.later) < 2) then
            raise exception 'accord: two administrators must stay' using errcode = '42501';
        end if;
    end if;

    elsewhere := accord.acts_elsewhere(c.member_id, agency, moment);
    case c.kind
    when 'join' then
        -- A person whom the node knows keeps name and nationality; a new one is named after the
        -- agency.
        known := exists (select 1 from public.member m where m.id = c.member_id);
        roles := array(select jsonb_array_elements_text(c.facts -> 'roles'));
        if not c.membership_id ~ '^[a-z][a-z0-9.-]{1,100}$'
           or not starts_with(c.membership_id, agency || '.')
           or not known and c.member_id <> c.membership_id
           or exists (select 1 from public.membership m
                       where m.member_id = c.member_id and m.agency_id = agency
                         and m.id <> c.membership_id)
           or exists (select 1 from public.service_member s where s.membership_id = c.member_id)
           or cardinality(roles) = 0 or not roles <@ accord.directory_words('role')
           or not (c.facts ->> 'clearance') = any (accord.directory_words('clearance'))
           or not (c.facts ->> 'assurance')::integer between 1 and 3
           or not (c.facts ->> 'nationality') ~ '^[A-Z]{2}$'
           or not length(c.facts ->> 'name') between 1 and 200
           or not length(c.facts ->> 'title') <= 200 then
            raise exception 'accord: the member is not well described' using errcode = '42501';
        end if;
        if not known then
            insert into public.member (id, name, nationality, persona)
            values (c.member_id, c.facts ->> 'name', c.facts ->> 'nationality', '');
        end if;
        insert into public.membership
            (id, member_id, agency_id, title, roles, clearance, assurance, valid_from, valid_until)
        values (c.membership_id, c.member_id, agency, c.facts ->> 'title', roles,
                c.facts ->> 'clearance', (c.facts ->> 'assurance')::integer, moment,
                (c.facts ->> 'until')::timestamptz)
        on conflict (id) do update
           set title = excluded.title, roles = excluded.roles, clearance = excluded.clearance,
               assurance = excluded.assurance, ends = '{}', valid_from = excluded.valid_from,
               valid_until = excluded.valid_until;
    when 'role' then
        if not (c.facts -> 'add') <@ to_jsonb(accord.directory_words('role')) then
            raise exception 'accord: no such word' using errcode = '42501';
        end if;
        if c.facts -> 'add' ? 'system-administrator' and exists (
            select 1 from public.service_member s where s.membership_id = held.id) then
            raise exception 'accord: a system administers nothing' using errcode = '42501';
        end if;
        update public.membership m set roles = array(
            select distinct r from (
                select unnest(held.roles) as r
                union select jsonb_array_elements_text(c.facts -> 'add')) u
             where not (c.facts -> 'remove') ? r order by r),
             ends = jsonb_set(held.ends, array['role'], coalesce((
                 select jsonb_object_agg(e.key, e.value)
                   from (select k.key, k.value from jsonb_each(held.ends -> 'role') k
                          where not (c.facts -> 'remove' || c.facts -> 'add') ? k.key
                         union all
                         select a, c.facts -> 'until' from jsonb_array_elements_text(c.facts -> 'add') a
                          where c.facts ->> 'until' is not null) e), '{}'))
         where m.id = held.id returning m.roles into roles;
        if cardinality(roles) = 0 then
            raise exception 'accord: a member has a role' using errcode = '42501';
        end if;
    when 'clearance' then
        if not (c.facts ->> 'to') = any (accord.directory_words('clearance')) then
            raise exception 'accord: no such word' using errcode = '42501';
        end if;
        update public.membership m
           set clearance = c.facts ->> 'to', ends = accord.with_end(held.ends, c.kind, c.facts)
         where m.id = held.id;
    when 'assurance' then
        if not (c.facts ->> 'to')::integer between 1 and 3 then
            raise exception 'accord: no such level' using errcode = '42501';
        end if;
        update public.membership m
           set assurance = (c.facts ->> 'to')::integer,
               ends = accord.with_end(held.ends, c.kind, c.facts)
         where m.id = held.id;
    when 'nationality' then
        if not (c.facts ->> 'to') ~ '^[A-Z]{2}$' then
            raise exception 'accord: no such country' using errcode = '42501';
        end if;
        if elsewhere and exists (select 1 from public.member m where m.id = c.member_id
                                    and m.nationality <> c.facts ->> 'to') then
            raise exception 'accord: acts for another agency too' using errcode = '42501';
        end if;
        update public.member m set nationality = c.facts ->> 'to' where m.id = c.member_id;
        update public.membership m set ends = accord.with_end(held.ends, c.kind, c.facts)
         where m.id = held.id;
    when 'training' then
        if not (c.facts ->> 'training') = any (accord.directory_words('training'))
           or (c.facts ->> 'valid_until')::date < (c.facts ->> 'issued_on')::date then
            raise exception 'accord: no such training' using errcode = '42501';
        end if;
        if exists (select 1 from public.certificate t
                    where t.member_id = c.member_id and t.training = c.facts ->> 'training'
                      and t.issued_on = (c.facts ->> 'issued_on')::date
                      and t.attested_by_id = agency) then
            raise exception 'accord: is attested already' using errcode = '42501';
        end if;
        insert into public.certificate (member_id, training, issued_on, valid_until, attested_by_id)
        values (c.member_id, c.facts ->> 'training', (c.facts ->> 'issued_on')::date,
                (c.facts ->> 'valid_until')::date, agency);
    when 'leave' then
        update public.membership m set valid_until = least(held.valid_until, since)
         where m.id = held.id;
    when 'suspend' then
        if held.valid_until <= moment then
            raise exception 'accord: is over already' using errcode = '42501';
        end if;
        update public.membership m set valid_until = moment where m.id = held.id;
    when 'resume' then
        update public.membership m
           set valid_until = (select (w.held ->> 'valid_until')::timestamptz
                                from public.directory_change w
                               where w.membership_id = held.id and w.kind = 'suspend'
                                 and w.state = 'applied' and w.decided_at = held.valid_until)
         where m.id = held.id and held.valid_until <= moment
           and exists (select 1 from public.directory_change w
                        where w.membership_id = held.id and w.kind = 'suspend'
                          and w.state = 'applied' and w.decided_at = held.valid_until)
           and not exists (select 1 from public.directory_change w
                            where w.membership_id = held.id and w.kind = 'leave'
                              and w.state = 'applied' and w.decided_at > held.valid_until);
        if not found then
            raise exception 'accord: is not suspended' using errcode = '42501';
        end if;
    when 'enrolment' then
        if elsewhere then
            raise exception 'accord: acts for another agency too' using errcode = '42501';
        end if;
        update public.passkey k set revoked_at = moment
         where k.member_id = c.member_id and k.revoked_at is null;
        update public.signin s
           set ended_at = moment, ended_why = 'what it was proven with was revoked'
         where s.member_id = c.member_id and s.ended_at is null;
    when 'review' then
        null;
    end case;
    -- Somebody with a passkey signs in with it and chooses; a link would be a second way in.
    if c.kind = 'enrolment'
       or c.kind = 'join' and not elsewhere
          and not exists (select 1 from public.passkey k
                           where k.member_id = c.member_id and k.revoked_at is null) then
        token := replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
        update public.signin_link l set used_at = moment
         where l.membership_id = c.membership_id and l.used_at is null;
        insert into public.signin_link (token_hash, membership_id, expires_at, change_id)
        values (sha256(token::bytea), c.membership_id, moment + interval '12 hours', c.id);
    end if;
    update public.directory_change w
       set state = 'applied', decided_by = accord.seal_member(), decided_at = moment, held = jsonb_build_object(
            'roles', held.roles, 'clearance', held.clearance, 'assurance', held.assurance,
            'ends', held.ends, 'valid_until', held.valid_until)
     where w.id = c.id;
    return token;
end $$;

-- Puts the code beside the link that a change brought: whoever proposed the change has the code, and
-- whoever approved it the link, so that neither can use it alone. Says whether the link waits.
create function accord.put_link_code(change uuid, code bytea) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
begin
    update public.signin_link l set code_hash = code
      from public.directory_change c
     where l.change_id = change and l.used_at is null and l.expires_at > accord.clock()
       and octet_length(code) = 32 and c.id = change and c.agency_id = accord.seal_agency()
       and c.state = 'applied' and c.proposed_by = accord.seal_member()
       and accord.administers() is not null;
    return found;
end $$;

revoke execute on function accord.directory_words(text), accord.administered(), accord.administers(),
    accord.held_roles(public.membership, timestamptz), accord.with_end(jsonb, text, jsonb),
    accord.in_force(public.membership, timestamptz),
    accord.administrator_by(text, text),
    accord.held_level(public.membership, text, integer, timestamptz),
    accord.acts_elsewhere(text, text, timestamptz),
    accord.other_administrators(text, text, timestamptz),
    accord.directory_gives(text, text, jsonb), accord.withdraw_directory_change(uuid),
    accord.apply_directory_change(uuid), accord.put_link_code(uuid, bytea) from public;
grant execute on function accord.directory_words(text), accord.administered(), accord.administers(),
    accord.held_roles(public.membership, timestamptz), accord.with_end(jsonb, text, jsonb),
    accord.in_force(public.membership, timestamptz),
    accord.administrator_by(text, text),
    accord.held_level(public.membership, text, integer, timestamptz),
    accord.acts_elsewhere(text, text, timestamptz),
    accord.other_administrators(text, text, timestamptz),
    accord.directory_gives(text, text, jsonb), accord.withdraw_directory_change(uuid),
    accord.apply_directory_change(uuid), accord.put_link_code(uuid, bytea) to accord_app
