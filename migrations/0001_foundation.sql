-- migrate:up
-- The ground that all later migrations stand on: schemas, roles, the caller's identity, ids, and the
-- values that columns may hold.
--
--   public      what clients see through the gateway, always behind row level security
--   functions   what only our own five functions may call, each function with its own role
--   private     never exposed by the gateway: credentials and the helpers of policies and triggers
--
-- Runs on plain Postgres and on hosted Supabase: what Supabase brings along is created only where it is missing.
set local lock_timeout = '5s';
set local statement_timeout = '1min';

alter table schema_migrations add column if not exists rollback_sql text;

create schema if not exists extensions;
create extension if not exists pgcrypto with schema extensions;
create extension if not exists btree_gin with schema extensions;
-- Words are found with and without their accents.
create extension if not exists unaccent with schema extensions;
-- Time logs of one person must not overlap.
create extension if not exists btree_gist with schema extensions;
create schema functions;
create schema private;

do $$
declare
  name text;
begin
  foreach name in array array['anon', 'authenticated', 'millwright_request_api', 'millwright_escalation_checker',
    'millwright_notification_sender', 'millwright_pm_scheduler', 'millwright_file_processor'] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I nologin', name);
    end if;
  end loop;
  if not exists (select from pg_roles where rolname = 'authenticator') then
    create role authenticator noinherit nologin;
  end if;
end $$;

grant anon, authenticated, millwright_request_api, millwright_escalation_checker, millwright_notification_sender,
  millwright_pm_scheduler, millwright_file_processor to authenticator;

-- No statement goes on after its asker has left: a client waits 5 s at the most, and our own functions give the gateway up
-- after 10 s (shared/edge/src/transport.rs). What is as it should be is not written again: roles are the whole cluster's, and
-- two of its databases may be migrated at the same moment.
do $$
declare
  bounded record;
begin
  for bounded in
    select r.rolname as name, p.patience
    from pg_roles r
    cross join lateral (select case when r.rolname in ('anon', 'authenticated') then '5s' else '9s' end) p(patience)
    where (r.rolname in ('anon', 'authenticated') or starts_with(r.rolname, 'millwright_'))
      and not coalesce(r.rolconfig @> array['statement_timeout=' || p.patience], false)
  loop
    execute format('alter role %I set statement_timeout = %L', bounded.name, bounded.patience);
  end loop;
end $$;

grant usage on schema public to anon, authenticated;
-- Functions that clients call run with the client's rights, and call helpers by name. The request API speaks for clients, and
-- the gateway lets everyone in by a helper (cost).
grant usage on schema private to authenticated, millwright_request_api, millwright_escalation_checker,
  millwright_notification_sender, millwright_pm_scheduler, millwright_file_processor;
-- Whoever writes a row also writes the index of its words.
grant usage on schema extensions to authenticated;
grant execute on function extensions.unaccent(regdictionary, text) to authenticated;
grant usage on schema functions to millwright_request_api, millwright_escalation_checker,
  millwright_notification_sender, millwright_pm_scheduler, millwright_file_processor;

-- Nothing is open unless a migration opens it. Supabase grants new objects to its client roles by default.
alter default privileges in schema public revoke all on tables from anon, authenticated;
alter default privileges in schema public revoke all on sequences from anon, authenticated;
alter default privileges revoke execute on functions from public;
alter default privileges in schema public revoke execute on functions from anon, authenticated;

-- `schema_migrations` was made before these defaults, so it is closed here. Its owner, who migrates, still reads and
-- writes it.
alter table schema_migrations enable row level security;
revoke all on schema_migrations from anon, authenticated;

-- The caller's id, from the token that the gateway has verified.
do $$
begin
  if to_regprocedure('auth.uid()') is null then
    create schema if not exists auth;
    create function auth.uid() returns uuid language sql stable set search_path = '' as
      $f$ select (nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub')::uuid $f$;
    grant usage on schema auth to anon, authenticated;
    grant execute on function auth.uid() to anon, authenticated;
  end if;
end $$;

-- The calling function's name, from the role in its token: no function can write in another's name.
create function private.calling_function() returns text language sql stable set search_path = '' as $$
  select replace(substring(nullif(current_setting('request.jwt.claims', true), '')::json ->> 'role'
    from '^millwright_(.*)$'), '_', '-')
$$;

-- A UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then randomness, so that ids sort by their time of birth.
create function private.uuidv7() returns uuid language sql volatile parallel safe set search_path = '' as $$
  select encode(
    set_bit(set_bit(
      overlay(
        uuid_send(gen_random_uuid())
        placing substring(int8send(floor(extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
        from 1 for 6),
      52, 1), 53, 1), 'hex')::uuid
$$;
grant execute on function private.uuidv7() to authenticated;

-- The names of time zones, as IANA writes them: the list of the domain crate (time_zone), which a test compares with this one.
-- Postgres itself takes more, in any case and in POSIX forms, which nothing else here would understand. Blanks around a name are
-- those of the lines below.
create function private.is_time_zone(name text) returns boolean language sql immutable parallel safe set search_path = '' as $$
  select name = any (string_to_array(translate('
    Africa/Abidjan,Africa/Accra,Africa/Addis_Ababa,Africa/Algiers,Africa/Asmara,Africa/Asmera,Africa/Bamako,Africa/Bangui,
    Africa/Banjul,Africa/Bissau,Africa/Blantyre,Africa/Brazzaville,Africa/Bujumbura,Africa/Cairo,Africa/Casablanca,Africa/Ceuta,
    Africa/Conakry,Africa/Dakar,Africa/Dar_es_Salaam,Africa/Djibouti,Africa/Douala,Africa/El_Aaiun,Africa/Freetown,
    Africa/Gaborone,Africa/Harare,Africa/Johannesburg,Africa/Juba,Africa/Kampala,Africa/Khartoum,Africa/Kigali,Africa/Kinshasa,
    Africa/Lagos,Africa/Libreville,Africa/Lome,Africa/Luanda,Africa/Lubumbashi,Africa/Lusaka,Africa/Malabo,Africa/Maputo,
    Africa/Maseru,Africa/Mbabane,Africa/Mogadishu,Africa/Monrovia,Africa/Nairobi,Africa/Ndjamena,Africa/Niamey,
    Africa/Nouakchott,Africa/Ouagadougou,Africa/Porto-Novo,Africa/Sao_Tome,Africa/Timbuktu,Africa/Tripoli,Africa/Tunis,
    Africa/Windhoek,America/Adak,America/Anchorage,America/Anguilla,America/Antigua,America/Araguaina,
    America/Argentina/Buenos_Aires,America/Argentina/Catamarca,America/Argentina/ComodRivadavia,America/Argentina/Cordoba,
    America/Argentina/Jujuy,America/Argentina/La_Rioja,America/Argentina/Mendoza,America/Argentina/Rio_Gallegos,
    America/Argentina/Salta,America/Argentina/San_Juan,America/Argentina/San_Luis,America/Argentina/Tucuman,
    America/Argentina/Ushuaia,America/Aruba,America/Asuncion,America/Atikokan,America/Atka,America/Bahia,America/Bahia_Banderas,
    America/Barbados,America/Belem,America/Belize,America/Blanc-Sablon,America/Boa_Vista,America/Bogota,America/Boise,
    America/Buenos_Aires,America/Cambridge_Bay,America/Campo_Grande,America/Cancun,America/Caracas,America/Catamarca,
    America/Cayenne,America/Cayman,America/Chicago,America/Chihuahua,America/Ciudad_Juarez,America/Coral_Harbour,
    America/Cordoba,America/Costa_Rica,America/Coyhaique,America/Creston,America/Cuiaba,America/Curacao,America/Danmarkshavn,
    America/Dawson,America/Dawson_Creek,America/Denver,America/Detroit,America/Dominica,America/Edmonton,America/Eirunepe,
    America/El_Salvador,America/Ensenada,America/Fort_Nelson,America/Fort_Wayne,America/Fortaleza,America/Glace_Bay,
    America/Godthab,America/Goose_Bay,America/Grand_Turk,America/Grenada,America/Guadeloupe,America/Guatemala,America/Guayaquil,
    America/Guyana,America/Halifax,America/Havana,America/Hermosillo,America/Indiana/Indianapolis,America/Indiana/Knox,
    America/Indiana/Marengo,America/Indiana/Petersburg,America/Indiana/Tell_City,America/Indiana/Vevay,
    America/Indiana/Vincennes,America/Indiana/Winamac,America/Indianapolis,America/Inuvik,America/Iqaluit,America/Jamaica,
    America/Jujuy,America/Juneau,America/Kentucky/Louisville,America/Kentucky/Monticello,America/Knox_IN,America/Kralendijk,
    America/La_Paz,America/Lima,America/Los_Angeles,America/Louisville,America/Lower_Princes,America/Maceio,America/Managua,
    America/Manaus,America/Marigot,America/Martinique,America/Matamoros,America/Mazatlan,America/Mendoza,America/Menominee,
    America/Merida,America/Metlakatla,America/Mexico_City,America/Miquelon,America/Moncton,America/Monterrey,America/Montevideo,
    America/Montreal,America/Montserrat,America/Nassau,America/New_York,America/Nipigon,America/Nome,America/Noronha,
    America/North_Dakota/Beulah,America/North_Dakota/Center,America/North_Dakota/New_Salem,America/Nuuk,America/Ojinaga,
    America/Panama,America/Pangnirtung,America/Paramaribo,America/Phoenix,America/Port-au-Prince,America/Port_of_Spain,
    America/Porto_Acre,America/Porto_Velho,America/Puerto_Rico,America/Punta_Arenas,America/Rainy_River,America/Rankin_Inlet,
    America/Recife,America/Regina,America/Resolute,America/Rio_Branco,America/Rosario,America/Santa_Isabel,America/Santarem,
    America/Santiago,America/Santo_Domingo,America/Sao_Paulo,America/Scoresbysund,America/Shiprock,America/Sitka,
    America/St_Barthelemy,America/St_Johns,America/St_Kitts,America/St_Lucia,America/St_Thomas,America/St_Vincent,
    America/Swift_Current,America/Tegucigalpa,America/Thule,America/Thunder_Bay,America/Tijuana,America/Toronto,America/Tortola,
    America/Vancouver,America/Virgin,America/Whitehorse,America/Winnipeg,America/Yakutat,America/Yellowknife,Antarctica/Casey,
    Antarctica/Davis,Antarctica/DumontDUrville,Antarctica/Macquarie,Antarctica/Mawson,Antarctica/McMurdo,Antarctica/Palmer,
    Antarctica/Rothera,Antarctica/South_Pole,Antarctica/Syowa,Antarctica/Troll,Antarctica/Vostok,Arctic/Longyearbyen,Asia/Aden,
    Asia/Almaty,Asia/Amman,Asia/Anadyr,Asia/Aqtau,Asia/Aqtobe,Asia/Ashgabat,Asia/Ashkhabad,Asia/Atyrau,Asia/Baghdad,
    Asia/Bahrain,Asia/Baku,Asia/Bangkok,Asia/Barnaul,Asia/Beirut,Asia/Bishkek,Asia/Brunei,Asia/Calcutta,Asia/Chita,
    Asia/Choibalsan,Asia/Chongqing,Asia/Chungking,Asia/Colombo,Asia/Dacca,Asia/Damascus,Asia/Dhaka,Asia/Dili,Asia/Dubai,
    Asia/Dushanbe,Asia/Famagusta,Asia/Gaza,Asia/Harbin,Asia/Hebron,Asia/Ho_Chi_Minh,Asia/Hong_Kong,Asia/Hovd,Asia/Irkutsk,
    Asia/Istanbul,Asia/Jakarta,Asia/Jayapura,Asia/Jerusalem,Asia/Kabul,Asia/Kamchatka,Asia/Karachi,Asia/Kashgar,Asia/Kathmandu,
    Asia/Katmandu,Asia/Khandyga,Asia/Kolkata,Asia/Krasnoyarsk,Asia/Kuala_Lumpur,Asia/Kuching,Asia/Kuwait,Asia/Macao,Asia/Macau,
    Asia/Magadan,Asia/Makassar,Asia/Manila,Asia/Muscat,Asia/Nicosia,Asia/Novokuznetsk,Asia/Novosibirsk,Asia/Omsk,Asia/Oral,
    Asia/Phnom_Penh,Asia/Pontianak,Asia/Pyongyang,Asia/Qatar,Asia/Qostanay,Asia/Qyzylorda,Asia/Rangoon,Asia/Riyadh,Asia/Saigon,
    Asia/Sakhalin,Asia/Samarkand,Asia/Seoul,Asia/Shanghai,Asia/Singapore,Asia/Srednekolymsk,Asia/Taipei,Asia/Tashkent,
    Asia/Tbilisi,Asia/Tehran,Asia/Tel_Aviv,Asia/Thimbu,Asia/Thimphu,Asia/Tokyo,Asia/Tomsk,Asia/Ujung_Pandang,Asia/Ulaanbaatar,
    Asia/Ulan_Bator,Asia/Urumqi,Asia/Ust-Nera,Asia/Vientiane,Asia/Vladivostok,Asia/Yakutsk,Asia/Yangon,Asia/Yekaterinburg,
    Asia/Yerevan,Atlantic/Azores,Atlantic/Bermuda,Atlantic/Canary,Atlantic/Cape_Verde,Atlantic/Faeroe,Atlantic/Faroe,
    Atlantic/Jan_Mayen,Atlantic/Madeira,Atlantic/Reykjavik,Atlantic/South_Georgia,Atlantic/St_Helena,Atlantic/Stanley,
    Australia/ACT,Australia/Adelaide,Australia/Brisbane,Australia/Broken_Hill,Australia/Canberra,Australia/Currie,
    Australia/Darwin,Australia/Eucla,Australia/Hobart,Australia/LHI,Australia/Lindeman,Australia/Lord_Howe,Australia/Melbourne,
    Australia/NSW,Australia/North,Australia/Perth,Australia/Queensland,Australia/South,Australia/Sydney,Australia/Tasmania,
    Australia/Victoria,Australia/West,Australia/Yancowinna,Brazil/Acre,Brazil/DeNoronha,Brazil/East,Brazil/West,CET,CST6CDT,
    Canada/Atlantic,Canada/Central,Canada/Eastern,Canada/Mountain,Canada/Newfoundland,Canada/Pacific,Canada/Saskatchewan,
    Canada/Yukon,Chile/Continental,Chile/EasterIsland,Cuba,EET,EST,EST5EDT,Egypt,Eire,Etc/GMT,Etc/GMT+0,Etc/GMT+1,Etc/GMT+10,
    Etc/GMT+11,Etc/GMT+12,Etc/GMT+2,Etc/GMT+3,Etc/GMT+4,Etc/GMT+5,Etc/GMT+6,Etc/GMT+7,Etc/GMT+8,Etc/GMT+9,Etc/GMT-0,Etc/GMT-1,
    Etc/GMT-10,Etc/GMT-11,Etc/GMT-12,Etc/GMT-13,Etc/GMT-14,Etc/GMT-2,Etc/GMT-3,Etc/GMT-4,Etc/GMT-5,Etc/GMT-6,Etc/GMT-7,
    Etc/GMT-8,Etc/GMT-9,Etc/GMT0,Etc/Greenwich,Etc/UCT,Etc/UTC,Etc/Universal,Etc/Zulu,Europe/Amsterdam,Europe/Andorra,
    Europe/Astrakhan,Europe/Athens,Europe/Belfast,Europe/Belgrade,Europe/Berlin,Europe/Bratislava,Europe/Brussels,
    Europe/Bucharest,Europe/Budapest,Europe/Busingen,Europe/Chisinau,Europe/Copenhagen,Europe/Dublin,Europe/Gibraltar,
    Europe/Guernsey,Europe/Helsinki,Europe/Isle_of_Man,Europe/Istanbul,Europe/Jersey,Europe/Kaliningrad,Europe/Kiev,
    Europe/Kirov,Europe/Kyiv,Europe/Lisbon,Europe/Ljubljana,Europe/London,Europe/Luxembourg,Europe/Madrid,Europe/Malta,
    Europe/Mariehamn,Europe/Minsk,Europe/Monaco,Europe/Moscow,Europe/Nicosia,Europe/Oslo,Europe/Paris,Europe/Podgorica,
    Europe/Prague,Europe/Riga,Europe/Rome,Europe/Samara,Europe/San_Marino,Europe/Sarajevo,Europe/Saratov,Europe/Simferopol,
    Europe/Skopje,Europe/Sofia,Europe/Stockholm,Europe/Tallinn,Europe/Tirane,Europe/Tiraspol,Europe/Ulyanovsk,Europe/Uzhgorod,
    Europe/Vaduz,Europe/Vatican,Europe/Vienna,Europe/Vilnius,Europe/Volgograd,Europe/Warsaw,Europe/Zagreb,Europe/Zaporozhye,
    Europe/Zurich,GB,GB-Eire,GMT,GMT+0,GMT-0,GMT0,Greenwich,HST,Hongkong,Iceland,Indian/Antananarivo,Indian/Chagos,
    Indian/Christmas,Indian/Cocos,Indian/Comoro,Indian/Kerguelen,Indian/Mahe,Indian/Maldives,Indian/Mauritius,Indian/Mayotte,
    Indian/Reunion,Iran,Israel,Jamaica,Japan,Kwajalein,Libya,MET,MST,MST7MDT,Mexico/BajaNorte,Mexico/BajaSur,Mexico/General,NZ,
    NZ-CHAT,Navajo,PRC,PST8PDT,Pacific/Apia,Pacific/Auckland,Pacific/Bougainville,Pacific/Chatham,Pacific/Chuuk,Pacific/Easter,
    Pacific/Efate,Pacific/Enderbury,Pacific/Fakaofo,Pacific/Fiji,Pacific/Funafuti,Pacific/Galapagos,Pacific/Gambier,
    Pacific/Guadalcanal,Pacific/Guam,Pacific/Honolulu,Pacific/Johnston,Pacific/Kanton,Pacific/Kiritimati,Pacific/Kosrae,
    Pacific/Kwajalein,Pacific/Majuro,Pacific/Marquesas,Pacific/Midway,Pacific/Nauru,Pacific/Niue,Pacific/Norfolk,Pacific/Noumea,
    Pacific/Pago_Pago,Pacific/Palau,Pacific/Pitcairn,Pacific/Pohnpei,Pacific/Ponape,Pacific/Port_Moresby,Pacific/Rarotonga,
    Pacific/Saipan,Pacific/Samoa,Pacific/Tahiti,Pacific/Tarawa,Pacific/Tongatapu,Pacific/Truk,Pacific/Wake,Pacific/Wallis,
    Pacific/Yap,Poland,Portugal,ROC,ROK,Singapore,Turkey,UCT,US/Alaska,US/Aleutian,US/Arizona,US/Central,US/East-Indiana,
    US/Eastern,US/Hawaii,US/Indiana-Starke,US/Michigan,US/Mountain,US/Pacific,US/Samoa,UTC,Universal,W-SU,WET,Zulu', E' \n', ''), ','))
$$;
-- The check of `warehouses.time_zone` calls it, with the rights of the person who writes.
grant execute on function private.is_time_zone(text) to authenticated;

-- Equality of what people type to tell things apart, such as tags and part numbers: `Q-1` is `q-1`, and a letter is the same
-- however its accent is put together. The column itself stays as it was typed. An index with it serves under row level security,
-- because comparing text is leakproof, as calling `lower` is not. A function of the row returns the domain, so that the gateway
-- compares so, too.
create collation private.alike (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
create domain private.code as text collate private.alike;

-- ------------------------------------------------------------------ values

-- What a client may write. Each column that one may write has one of these checks, so that no value gets in that the domain
-- crate could not read: there `Kind` says the same, and a test compares both. Checks, not domains: a length is an argument,
-- and a refusal names the column. They are inlined, so the functions are for whoever writes.

-- Moments and days that can be counted with: neither infinite nor before our time.
create function private.is_moment(timestamptz) returns boolean language sql immutable parallel safe
  return $1 >= '1900-01-01 00:00+00'::timestamptz and $1 < '2201-01-01 00:00+00'::timestamptz;
-- It has happened, so it does not lie ahead; two clocks may be five minutes apart. `MINUTES_AHEAD` in the domain crate.
create function private.has_happened(timestamptz) returns boolean language sql stable parallel safe
  return $1 <= now() + interval '5 minutes';
create function private.is_day(date) returns boolean language sql immutable parallel safe
  return $1 between '1900-01-01'::date and '2200-12-31'::date;

-- A day of every year, like 05-01 or 02-29.
create function private.is_day_of_year(text) returns boolean language sql immutable parallel safe
  return $1 ~ '^((0[1-9]|1[0-2])-(0[1-9]|1\d|2\d)|(0[13-9]|1[0-2])-30|(0[13578]|1[02])-31)$';

-- From nothing to this, with at most so many decimals. NaN is more than any number. Such columns are `numeric` without a
-- scale: one with a scale would round what has more decimals, and say nothing. Zeros behind them take room, too.
create function private.is_amount(numeric, numeric, integer) returns boolean language sql immutable parallel safe
  return $1 between 0 and $2 and $1 = round($1, $3) and scale($1) <= 20;

-- Empty, or with something to see: not white space, and not one of the characters that take no place.
create function private.is_seen(text) returns boolean language sql immutable parallel safe
  return $1 = '' or $1 ~ ('[^\s\u0085\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f'
    || '\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]');

-- At most so many characters, in one line and without control characters.
create function private.is_line(text, integer) returns boolean language sql immutable parallel safe
  return length($1) <= $2 and $1 !~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]' and private.is_seen($1);

-- At most so many characters in lines, which may be indented.
create function private.is_prose(text, integer) returns boolean language sql immutable parallel safe
  return length($1) <= $2 and $1 !~ '[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]' and private.is_seen($1);

-- At most 16 KB, at most eight levels deep, and without a number that is too great for a float.
create function private.is_json(jsonb) returns boolean language sql immutable parallel safe
  return octet_length($1::text) <= 16384 and not jsonb_path_exists($1, '$.**{9}')
    and not jsonb_path_exists($1, '$.** ? (@ > 1.7976931348623157e308 || @ < -1.7976931348623157e308)');

-- A plain list of at most so many, none of which is null.
create function private.is_list(anyarray, integer) returns boolean language sql immutable parallel safe as $$
  select cardinality($1) <= $2 and coalesce(array_ndims($1), 1) = 1 and not exists (select from unnest($1) i where i is null)
$$;

-- The same, each of them once.
create function private.is_set(anyarray, integer) returns boolean language sql immutable parallel safe as $$
  select private.is_list($1, $2) and cardinality($1) = (select count(distinct i) from unnest($1) i)
$$;

create function private.are_days(date[], integer) returns boolean language sql immutable parallel safe as $$
  select private.is_set($1, $2) and (select coalesce(bool_and(private.is_day(i)), true) from unnest($1) i)
$$;

-- At most so many lines, each of at most so many characters.
create function private.are_lines(text[], integer, integer) returns boolean language sql immutable parallel safe as $$
  select private.is_list($1, $2) and (select coalesce(bool_and(private.is_line(i, $3) and i <> ''), true) from unnest($1) i)
$$;
grant execute on function private.is_moment(timestamptz), private.has_happened(timestamptz), private.is_day(date), private.is_day_of_year(text),
  private.is_amount(numeric, numeric, integer), private.is_seen(text), private.is_line(text, integer),
  private.is_prose(text, integer), private.is_json(jsonb), private.is_list(anyarray, integer),
  private.is_set(anyarray, integer), private.are_days(date[], integer), private.are_lines(text[], integer, integer)
  to authenticated;

-- ------------------------------------------------------------------ texts that are alike

-- In small letters, without accents, in one form of Unicode. Not the database's own `lower`: that depends on its locale.
create function private.folded(p_text text) returns text language plpgsql immutable parallel safe as $$
begin
  if octet_length(p_text) = length(p_text) then
    return lower(p_text collate pg_catalog.pg_c_utf8);
  end if;
  return lower(extensions.unaccent('extensions.unaccent', normalize(p_text, nfkc)) collate pg_catalog.pg_c_utf8);
end $$;

-- A text with something else in the place of what stands between words, and may stand anywhere in a code.
create function private.without_marks(p_folded text, p_instead text) returns text language sql immutable parallel safe
  return regexp_replace(p_folded, '[\s!-/:-@\[-`{-~§°´–—‘’‚“”„•…«»·×]+', p_instead, 'g');
grant execute on function private.folded(text), private.without_marks(text, text) to authenticated;

-- migrate:down
set local lock_timeout = '5s';
drop function private.without_marks(text, text);
drop function private.folded(text);
drop function private.are_lines(text[], integer, integer);
drop function private.are_days(date[], integer);
drop function private.is_set(anyarray, integer);
drop function private.is_list(anyarray, integer);
drop function private.is_json(jsonb);
drop function private.is_prose(text, integer);
drop function private.is_line(text, integer);
drop function private.is_seen(text);
drop function private.is_amount(numeric, numeric, integer);
drop function private.is_day_of_year(text);
drop function private.is_day(date);
drop function private.has_happened(timestamptz);
drop function private.is_moment(timestamptz);
drop domain private.code;
drop collation private.alike;
drop function private.is_time_zone(text);
drop function private.uuidv7();
drop function private.calling_function();
drop schema private;
drop schema functions;
alter role anon reset statement_timeout;
alter role authenticated reset statement_timeout;
alter default privileges grant execute on functions to public;
do $$
declare
  name text;
begin
  foreach name in array array['millwright_request_api', 'millwright_escalation_checker',
    'millwright_notification_sender', 'millwright_pm_scheduler', 'millwright_file_processor'] loop
    execute format('drop owned by %I', name);
    execute format('drop role %I', name);
  end loop;
end $$;
alter table schema_migrations disable row level security;
-- The client roles, the `auth` schema and the extension stay: on hosted Supabase they are not ours.
