-- What the database holds by itself of exhibits and their custody, whatever the application thinks
-- (docs/decisions/0024, 0025). Owned by accord_probe, as evidence.sql, custody.sql and
-- past_the_actions.sql are, of which it makes some functions anew.

-- An exhibit ends by disposal: retention ends its record once its chain is at its end. What another
-- agency has signed for, or is offered, is told apart, since that is not the owner's to end.
create or replace function accord.keep_what_others_have() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
declare
    h public.custody_head;
begin
    select * into h from public.custody_head c
     where c.id = old.record_id and c.state not in ('released', 'disposed');
    if not found then
        return old;
    end if;
    if h.custodian_id <> h.owner_id or h.offered_to is not null then
        raise exception 'accord: another agency has this exhibit in custody, or is offered it'
            using errcode = '42501';
    end if;
    raise exception 'accord: an exhibit ends by an order of disposal, not by retention'
        using errcode = '42501';
end $$;

-- The steps that count only with their member's signature: SIGNED of accord.evidence.custody.domain.
create function accord.custody_signed() returns text[]
language sql immutable security definer
set search_path = pg_catalog, pg_temp as $$
    select array['accept', 'decline', 'dispose', 'offer', 'order-disposal', 'release', 'return']
$$;

-- Whether a kept signature is over exactly this event, by exactly this member, and is of no other event.
-- That the passkey made it is arithmetic that PostgreSQL does not know: the program says that it checked.
create function accord.custody_signature_fits(e jsonb, digest text, signature uuid)
returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select accord.node_says('signature:' || signature || ':' || digest)
       and exists (
        select 1
          from public.member_signature s
          join public.passkey k on k.id = s.passkey
         where s.id = custody_signature_fits.signature
           and s.kind = 'custody' and s.subject = e ->> 'exhibit'
           and s.member_id = e ->> 'member' and s.membership_id = e ->> 'membership'
           and s.agency = e ->> 'agency'
           and encode(sha256(s.document), 'hex') = digest
           -- The event is dated when it was shown, and so is what was signed of it.
           and s.shown_at = (e ->> 'at')::timestamptz
           and s.kept_at between s.shown_at - interval '1 minute' and accord.clock() + interval '1 minute'
           and k.member_id = s.member_id and k.public_key = s.public_key and k.revoked_at is null)
       and not exists (
        select 1 from public.custody_event c
         where c.signature_id = custody_signature_fits.signature)
$$;

-- Appends one event: the one way by which the application writes custody (past_the_actions.sql). Beside
-- what stood there: steps that are signed come with their signature, save on a demonstration.
create or replace function accord.append_custody(
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
    if e ->> 'act' in ('order-disposal', 'dispose') then
        -- A hold that is being placed is waited for, and add_custody then reads it; one that comes
        -- now waits for this step.
        perform 1 from public.record r
          where r.id = (e ->> 'exhibit')::uuid and r.owner_id = own for share;
    end if;
    if signature is null then
        if e ->> 'act' = any (accord.custody_signed()) and not accord.is_demonstration() then
            return 'not-signed';
        end if;
    elsif not accord.custody_signature_fits(
        e, encode(sha256(convert_to(said, 'UTF8')), 'hex'), signature) then
        return 'not-signed';
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

revoke execute on function accord.custody_signed(),
    accord.custody_signature_fits(jsonb, text, uuid) from public;

-- What is to be read again (custody.sql), for the node's own rereading alone.
create or replace function accord.files_to_reread(before timestamptz, cap integer)
returns table (
    object_id uuid, record_id uuid, address text, size_bytes bigint, pieces text[], whole boolean
)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select accord.only_for('rereading');
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

-- Notes what a reading found (custody.sql), for the node's own rereading alone: a false finding would
-- close a file to every other agency, and a false `same` would keep one from being read.
create or replace function accord.note_reread(object uuid, outcome text, alarm uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp as $$
declare
    o public.stored_object;
begin
    perform accord.only_for('rereading');
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

-- Complete uploads whose hashes must be worked out (evidence.sql), for the node's own hashing alone.
create or replace function accord.uploads_to_hash(at timestamptz)
returns table (upload_id uuid, membership_id text, purpose text, legal_basis text, case_number text)
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select accord.only_for('hashing');
    select u.id, u.membership_id, u.purpose, u.legal_basis, u.case_number
      from public.upload u
     where u.state = 'hashing' and u.expires_at > at
     order by u.updated_at, u.id limit 20
$$;

-- What an alarm has closed is marked on the files themselves, so that their policy asks no function by
-- which a session would learn of other agencies' alarms.
create function accord.freeze_files() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    update public.stored_object o
       set frozen = exists (select 1 from public.custody_alarm a
                             where a.record_id = new.record_id and a.closed_at is null)
     where o.record_id = new.record_id;
    return null;
end $$;

create function accord.freeze_new_file() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    new.frozen := exists (select 1 from public.custody_alarm a
                           where a.record_id = new.record_id and a.closed_at is null);
    return new;
end $$;

-- While an alarm stands nobody is given a new key to the exhibit's record. Keys that a correction
-- carries over are no new ones.
create function accord.refuse_frozen_key() returns trigger
language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    if exists (
        select 1 from added k
          join public.part p on p.id = k.part_id
          join public.custody_alarm a on a.record_id = p.record_id and a.closed_at is null
    ) then
        raise exception 'accord: an alarm has closed this exhibit to other agencies'
            using errcode = '23514', constraint = 'closed_record_gives_no_key';
    end if;
    return null;
end $$;

revoke execute on function accord.freeze_files(), accord.freeze_new_file(),
    accord.refuse_frozen_key() from public;
revoke execute on function accord.frozen_exhibits() from accord_app;

-- Which of these stored pieces a file or an upload has: for the node's own sweep of the store alone.
create function accord.named_pieces(addresses text[]) returns setof text
language sql stable security definer
set search_path = pg_catalog, pg_temp as $$
    select accord.only_for('sweeping');
    select a.address from unnest(addresses) as a(address)
     where exists (select 1 from public.object_segment s where s.address = a.address)
$$;
revoke execute on function accord.named_pieces(text[]) from public;
grant execute on function accord.named_pieces(text[]) to accord_app;
