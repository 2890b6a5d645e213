-- The node's own word: that its program, and no SQL that came in by another way, asks for something
-- for which nobody has standing, or has checked what SQL cannot (an assertion of a passkey).
--
-- The program sets `accord.node` (transaction-local) to
--     accord-node|what|expires_us|pid|transaction_us|mac
-- under the key of the seal (seal.sql), which the application's role cannot read. It has a field less
-- than a seal and another beginning, so neither is ever taken for the other.

-- Whether the program says exactly this in this transaction. A word that does not verify is an error.
create function accord.node_says(what text) returns boolean
language plpgsql stable security definer parallel restricted
set search_path = pg_catalog, pg_temp as $$
declare
    raw    text := nullif(current_setting('accord.node', true), '');
    fields text[];
    body   text;
    k      accord.seal_key;
begin
    if raw is null then
        return false;
    end if;
    fields := string_to_array(raw, '|');
    if array_length(fields, 1) <> 6 or fields[1] <> 'accord-node' then
        raise exception 'accord: the word of the node is malformed' using errcode = '42501';
    end if;
    body := left(raw, length(raw) - length(fields[6]) - 1);
    select * into strict k from accord.seal_key where id = 1;
    if encode(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(body, 'UTF8'))), 'hex')
       is distinct from fields[6] then
        raise exception 'accord: the word of the node does not verify' using errcode = '42501';
    end if;
    if fields[4]::integer <> pg_backend_pid()
       or fields[5]::bigint <> (extract(epoch from transaction_timestamp()) * 1000000)::bigint
       or fields[3]::bigint <= (extract(epoch from clock_timestamp()) * 1000000)::bigint then
        raise exception 'accord: the word of the node belongs to another transaction'
            using errcode = '42501';
    end if;
    return fields[2] = what;
end $$;

-- Raises unless the program says this: for functions that only its own jobs call.
create function accord.only_for(what text) returns void
language plpgsql stable security definer parallel restricted
set search_path = pg_catalog, pg_temp as $$
begin
    if not accord.node_says(what) then
        raise exception 'accord: only the node''s own work does this' using errcode = '42501';
    end if;
end $$;

-- Whether nothing here is real: a row that only `accord_owner` writes, when a node is prepared.
create function accord.is_demonstration() returns boolean
language sql stable security definer parallel safe
set search_path = pg_catalog, pg_temp as $$
    select exists (select 1 from accord.demonstration)
$$;

revoke execute on function accord.node_says(text), accord.only_for(text),
    accord.is_demonstration() from public
