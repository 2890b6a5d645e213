-- The chain of custody in the database (docs/decisions/0025). `accord.add_custody` is the one way by
-- which an event is written; owned by accord_probe, it asks the seal who acts. What it admits is what
-- accord.evidence.custody.chain admits: a test walks both.

-- The three tables of accord.evidence.custody.domain, as the migration froze them.
create function accord.custody_rules() returns jsonb
language sql immutable security definer
set search_path = pg_catalog, pg_temp as $$
    select '{
 "table": {
  "none": {"acquire": "held"},
  "held": {"check-out": "checked-out", "offer": "offered", "return": "offered", "order-disposal": "disposal-ordered", "seal": "held-sealed", "derive": "held", "release": "released"},
  "checked-out": {"check-in": "held", "seal": "checked-out-sealed", "derive": "checked-out"},
  "offered": {"accept": "held", "decline": "held", "withdraw": "held"},
  "disposal-ordered": {"withdraw": "held", "dispose": "disposed"},
  "held-sealed": {"check-out": "checked-out-sealed", "offer": "offered-sealed", "return": "offered-sealed", "order-disposal": "disposal-ordered-sealed", "unseal": "held", "release": "released"},
  "checked-out-sealed": {"check-in": "held-sealed", "unseal": "checked-out"},
  "offered-sealed": {"accept": "held-sealed", "decline": "held-sealed", "withdraw": "held-sealed"},
  "disposal-ordered-sealed": {"withdraw": "held-sealed", "dispose": "disposed"}
 },
 "who": {
  "acquire": {"side": "collector", "roles": []},
  "seal": {"side": "custodian", "roles": ["forensic-examiner", "investigator", "records-custodian", "supervisor", "task-force-officer"]},
  "unseal": {"side": "custodian", "roles": ["forensic-examiner", "investigator", "records-custodian", "supervisor", "task-force-officer"]},
  "check-out": {"side": "custodian", "roles": ["forensic-examiner", "investigator", "records-custodian", "supervisor", "task-force-officer"]},
  "check-in": {"side": "custodian", "roles": ["forensic-examiner", "investigator", "records-custodian", "supervisor", "task-force-officer"]},
  "offer": {"side": "custodian", "roles": ["forensic-examiner", "investigator", "records-custodian", "supervisor", "task-force-officer"]},
  "return": {"side": "custodian", "roles": ["forensic-examiner", "investigator", "records-custodian", "supervisor", "task-force-officer"]},
  "withdraw": {"side": "custodian", "roles": ["forensic-examiner", "investigator", "records-custodian", "supervisor", "task-force-officer"]},
  "accept": {"side": "receiver", "roles": ["forensic-examiner", "investigator", "records-custodian", "supervisor", "task-force-officer"]},
  "decline": {"side": "receiver", "roles": ["forensic-examiner", "investigator", "records-custodian", "supervisor", "task-force-officer"]},
  "derive": {"side": "custodian", "roles": ["forensic-examiner", "investigator", "records-custodian", "supervisor", "task-force-officer"]},
  "release": {"side": "owner", "roles": ["forensic-examiner", "records-custodian", "supervisor"]},
  "order-disposal": {"side": "owner", "roles": ["records-custodian", "supervisor"]},
  "dispose": {"side": "owner", "roles": ["records-custodian", "supervisor"]}
 },
 "facts": {
  "acquire": ["after"],
  "seal": ["after", "before", "seal"],
  "unseal": ["after", "before", "seal"],
  "check-out": ["after", "before", "receiver"],
  "check-in": ["after", "before"],
  "offer": ["after", "before", "to"],
  "return": ["after", "before", "to"],
  "accept": ["after", "before"],
  "decline": ["after", "before"],
  "withdraw": ["after", "before"],
  "derive": ["after", "before", "derived", "tool"],
  "release": ["after", "before", "receiver"],
  "order-disposal": ["after", "before", "order"],
  "dispose": ["before", "order"]
 },
 "may_say": {
  "acquire": ["source", "tool"],
  "seal": ["tool"],
  "unseal": ["tool"],
  "check-out": ["tool"],
  "check-in": ["tool"],
  "offer": ["tool"],
  "accept": ["tool"],
  "decline": ["tool"],
  "withdraw": ["tool"],
  "return": ["tool"],
  "derive": ["tool"],
  "release": ["tool"],
  "order-disposal": ["tool"],
  "dispose": ["tool"]
 }
}'::jsonb
$$;

-- Exhibits whose stored file was found altered or gone, and of which two people of the owner have not
-- said yet why they may go on: closed to all agencies but the owner's.
create function accord.frozen_exhibits() returns uuid[]
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select array(select a.record_id from public.custody_alarm a where a.closed_at is null)
$$;

-- Appends one event, in the transaction of whoever takes the step. `said` is the event's text, seen
-- here and kept only in `sealed`. Returns null, or the code of what keeps it from following; then
-- nothing was written. Raises 42501 for whoever has no standing at all.
create function accord.add_custody(
    event_id uuid, said text, sealed text, entry uuid, opening text, signature uuid
) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    own text := accord.seal_agency();
    me text := accord.seal_member();
    roles text[] := accord.seal_roles();
    rules jsonb := accord.custody_rules();
    e jsonb := said::jsonb;
    what text := e ->> 'act';
    this uuid := (e ->> 'exhibit')::uuid;
    digest text := encode(sha256(convert_to(said, 'UTF8')), 'hex');
    moment timestamptz := (e ->> 'at')::timestamptz;
    h public.custody_head;
    who jsonb := rules -> 'who' -> what;
    side text := who ->> 'side';
    whose text;
    next_state text;
    says text[];
    must text[];
    may text[];
begin
    if own is null or me is null or who is null then
        raise exception 'accord: no standing' using errcode = '42501';
    end if;
    -- INVARIANT: one writer a chain; whoever comes second reads what the first one wrote.
    perform pg_advisory_xact_lock(hashtextextended('custody ' || this::text, 0));
    select * into h from public.custody_head c where c.id = this for update;
    if not found then
        h.state := 'none'; h.number := -1; h.custodians := array[]::text[];
        h.givers := array[]::text[]; h.goes_back := false;
    end if;
    if (e ->> 'agency', e ->> 'membership') is distinct from (own, me)
       or (e ->> 'member') is distinct from
          (select m.member_id from public.membership m where m.id = me) then
        return 'wrong-custodian';
    end if;
    if (e ->> 'number')::integer <> h.number + 1 or (e ->> 'previous') is distinct from h.hash then
        return 'chain-forked';
    end if;
    next_state := rules -> 'table' -> h.state ->> what;
    if next_state is null then
        return case when h.offered_to = own then 'not-accepted' else 'step-not-admitted' end;
    end if;
    whose := case side when 'receiver' then h.offered_to when 'collector' then own
             else h.custodian_id end;
    if whose is distinct from own or (side = 'owner' and h.owner_id <> own) then
        return 'wrong-custodian';
    end if;
    if who -> 'roles' <> '[]'::jsonb
       and not roles && array(select jsonb_array_elements_text(who -> 'roles')) then
        return 'wrong-role';
    end if;
    if moment < coalesce(h.at, moment) or moment < accord.clock() - interval '35 minutes'
       or moment > accord.clock() + interval '1 minute' then
        return 'back-dated';
    end if;
    select array_agg(k order by k) into says from jsonb_object_keys(e) k
     where k in ('before', 'after', 'seal', 'to', 'receiver', 'tool', 'derived', 'source', 'order')
       and e -> k <> 'null'::jsonb;
    must := array(select jsonb_array_elements_text(rules -> 'facts' -> what));
    may := array(select jsonb_array_elements_text(rules -> 'may_say' -> what));
    if not coalesce(says, array[]::text[]) @> must or not coalesce(says, array[]::text[]) <@ (must || may)
       or (e ->> 'items')::integer < 1 or coalesce(e ->> 'place', '') = ''
       or coalesce(e ->> 'reason', '') = '' then
        return 'event-incomplete';
    end if;
    if what in ('offer', 'return') and (
        (e ->> 'to') = own
        or (what = 'return' and (e ->> 'to') is distinct from h.givers[cardinality(h.givers)])
        or not exists (select 1 from public.agency a where a.id = (e ->> 'to')
                        and (a.suspended_at is null or a.suspended_at > accord.clock()))) then
        return 'wrong-custodian';
    end if;
    if what = 'acquire' then
        -- The record is the agency's own exhibit, and it has a file.
        if not exists (select 1 from public.exhibit x
                         join public.stored_object o on o.record_id = x.record_id
                        where x.record_id = this and x.owner_id = own and o.role = 'original') then
            return 'wrong-custodian';
        end if;
    else
        if (e ->> 'exhibit_number') is distinct from h.exhibit_number then
            return 'event-foreign';
        end if;
        if (e ->> 'before') is distinct from h.content
           or (what <> 'dispose' and (e ->> 'after') is distinct from h.content) then
            return 'hash-mismatch';
        end if;
        if what = 'unseal' and (e ->> 'seal') is distinct from h.seal then
            return 'seal-mismatch';
        end if;
        if (e ->> 'items')::integer <> h.items then
            return 'count-mismatch';
        end if;
    end if;
    if what in ('offer', 'return', 'accept', 'derive', 'release', 'dispose')
       and this = any (accord.frozen_exhibits()) then
        return 'frozen';
    end if;
    if what = 'offer' and not exists (
        select 1 from public.part p join public.label l on l.id = p.label_id
         where p.record_id = this and p.kind = 'core' and p.superseded_at is null
           and (l.facts ->> 'basis') <> 'unrecorded') then
        return 'no-basis';
    end if;
    if what = 'dispose' then
        if (e -> 'order') is distinct from h.disposal_order then
            return 'order-mismatch';
        end if;
        if (e ->> 'member') = h.ordered_by then
            return 'same-person';
        end if;
    end if;
    if what in ('order-disposal', 'dispose') and exists (
        select 1 from public.record r where r.id = this and r.legal_hold) then
        return 'legal-hold';
    end if;
    if add_custody.signature is not null and not exists (
        select 1 from public.member_signature s
         where s.id = add_custody.signature and s.kind = 'custody' and s.subject = this::text
           and s.membership_id = me and s.agency = own
           and encode(sha256(s.document), 'hex') = digest) then
        return 'not-signed';
    end if;
    insert into public.custody_event
        (id, record_id, number, hash, act, agency_id, membership_id, at, sealed, entry_id, opening,
         signature_id)
    values (event_id, this, h.number + 1, digest, what, own, me, moment, add_custody.sealed, entry,
            add_custody.opening, add_custody.signature);
    if what = 'acquire' then
        insert into public.custody_head
            (id, exhibit_number, owner_id, number, hash, at, state, custodian_id, offered_to,
             goes_back, givers, seal, content, items, receiver, ordered_by, disposal_order,
             custodians)
        values (this, e ->> 'exhibit_number', own, 0, digest, moment, next_state, own, null,
                false, array[]::text[], null, e ->> 'after', (e ->> 'items')::integer, null, null,
                null, array[own]);
        return null;
    end if;
    update public.custody_head c
       set number = h.number + 1, hash = digest, at = moment, state = next_state,
           content = e ->> 'after',
           seal = case what when 'seal' then e ->> 'seal' when 'unseal' then null else h.seal end,
           receiver = case when what in ('check-out', 'check-in', 'release') then e ->> 'receiver'
                      else h.receiver end,
           offered_to = case when what in ('offer', 'return') then e ->> 'to'
                        when what in ('accept', 'decline', 'withdraw') then null
                        else h.offered_to end,
           goes_back = case when what in ('offer', 'return', 'accept', 'decline', 'withdraw')
                       then what = 'return' else h.goes_back end,
           ordered_by = case when what = 'order-disposal' then e ->> 'member'
                        when what in ('decline', 'withdraw', 'offer', 'return') then null
                        else h.ordered_by end,
           disposal_order = case when what = 'order-disposal' then e -> 'order'
                            when what in ('decline', 'withdraw', 'offer', 'return') then null
                            else h.disposal_order end,
           custodian_id = case what when 'accept' then own else h.custodian_id end,
           givers = case when what <> 'accept' then h.givers
                    when h.goes_back then h.givers[1:cardinality(h.givers) - 1]
                    else h.givers || h.custodian_id end,
           custodians = case when what = 'accept' and own <> all (h.custodians)
                        then h.custodians || own else h.custodians end
     where c.id = this;
    if what = 'dispose' then
        -- The wrapped keys go with these rows: what is in the store can be read by nobody any more.
        delete from public.stored_object o where o.record_id = this;
    end if;
    return null;
end $$;

-- What is to be read again: original files, the one that was read longest ago first. Names and digests
-- of encrypted pieces, for a worker that has no standing. `whole` says whether the list of a file's pieces
-- is the one that its address names: a list that lost one of them has pieces that are all as they were.
create function accord.files_to_reread(before timestamptz, cap integer)
returns table (
    object_id uuid, record_id uuid, address text, size_bytes bigint, pieces text[], whole boolean
)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    with due as materialized (
        select o.id, o.record_id, o.address::text as address, o.size_bytes, c.at as read_at
          from public.stored_object o
               left join public.custody_reread c on c.object_id = o.id
         where o.role = 'original' and o.made_at < before
           and (c.at is null or c.at < before)
         order by c.at nulls first, o.id limit least(cap, 100))
    select d.id, d.record_id, d.address, d.size_bytes, s.pieces,
           encode(sha256(convert_to(
               'accord-object/1 '::text || d.id::text || chr(10) || s.listed, 'UTF8')), 'hex')
               = d.address
      from due d
     cross join lateral (
        select coalesce(array_agg(g.address::text order by g.at), array[]::text[]) as pieces,
               coalesce(string_agg(g.at::text || ' ' || g.size::text || ' ' || g.address::text
                                   || chr(10), '' order by g.at), '') as listed
          from public.object_segment g where g.object_id = d.id) s
     order by d.read_at nulls first, d.id
$$;

-- Notes what a reading found: `same`, `altered` or `missing`. One that is not the same raises an alarm,
-- unless one stands; it is told to the owner and to the agency that has the exhibit in custody.
create function accord.note_reread(object uuid, outcome text, alarm uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    o public.stored_object;
begin
    select * into o from public.stored_object w
     where w.id = object and w.role = 'original';
    if not found then
        return false;
    end if;
    insert into public.custody_reread as c (object_id, record_id, at, outcome)
    values (o.id, o.record_id, accord.clock(), note_reread.outcome)
    on conflict (object_id) do update set at = excluded.at, outcome = excluded.outcome;
    if note_reread.outcome = 'same' then
        return false;
    end if;
    perform pg_advisory_xact_lock(hashtextextended('custody ' || o.record_id::text, 0));
    insert into public.custody_alarm
        (id, record_id, object_id, owner_id, custodian_id, outcome, at, closed_at)
    select alarm, o.record_id, o.id, o.owner_id,
           coalesce((select h.custodian_id from public.custody_head h where h.id = o.record_id),
                    o.owner_id),
           note_reread.outcome, accord.clock(), null
     where not exists (select 1 from public.custody_alarm a
                        where a.record_id = o.record_id and a.closed_at is null);
    return found;
end $$;

-- Ends an alarm: one person of the owner said why, another one confirms it now.
create function accord.end_alarm(alarm uuid, act uuid, sealed text) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    agency text := accord.seal_agency();
    me text := accord.seal_member();
    a public.custody_alarm;
begin
    select * into a from public.custody_alarm w
     where w.id = alarm and w.owner_id = agency for update;
    if not found or not coalesce(accord.seal_roles()
                                 && array['records-custodian', 'supervisor'], false) then
        raise exception 'accord: no standing' using errcode = '42501';
    end if;
    if a.closed_at is not null or not exists (
        select 1 from public.custody_alarm_act w, public.membership his, public.membership mine
         where w.alarm_id = alarm and w.act = 'explain' and w.agency_id = agency
           and his.id = w.membership_id and mine.id = me
           and his.member_id <> mine.member_id
           and w.id = (select x.id from public.custody_alarm_act x
                        where x.alarm_id = alarm and x.act = 'explain'
                        order by x.at desc, x.id desc limit 1)) then
        return false;
    end if;
    insert into public.custody_alarm_act (id, alarm_id, act, agency_id, membership_id, at, sealed)
    values (end_alarm.act, alarm, 'confirm', agency, me, accord.clock(), end_alarm.sealed);
    update public.custody_alarm w set closed_at = accord.clock() where w.id = alarm;
    return true;
end $$;

revoke execute on function accord.custody_rules() from public;

do $$
declare
    made regprocedure;
begin
    foreach made in array array[
        'accord.frozen_exhibits()',
        'accord.files_to_reread(timestamptz,integer)', 'accord.note_reread(uuid,text,uuid)',
        'accord.end_alarm(uuid,uuid,text)']::regprocedure[]
    loop
        execute format('revoke execute on function %s from public', made);
        execute format('grant execute on function %s to accord_app', made);
    end loop;
end $$;
-- The application appends by accord.append_custody alone (past_the_actions.sql), which calls it.
revoke execute on function accord.add_custody(uuid, text, text, uuid, text, uuid) from public
