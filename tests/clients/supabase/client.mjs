// Does with Supabase's own client, straight at the gateway, what it is asked for, and tells what came back.
//
//   MILLWRIGHT_INPUT    {"gateway", "token"}
//   node client.mjs WISHES.json ANSWERS.json
//
// A wish is {"verb", "table", …}; an answer {"code": of the refusal or null, "rows"}.
import { readFileSync, writeFileSync } from "node:fs";
import { PostgrestClient } from "@supabase/postgrest-js";

const PAGE = 500;
const [, , wishes, answers] = process.argv;
const { gateway, token } = JSON.parse(process.env.MILLWRIGHT_INPUT);
const client = new PostgrestClient(gateway, { headers: { Authorization: `Bearer ${token}` } });

const verbs = {
  // All rows, however many pages they are.
  async select({ table, columns, equal = {}, empty = [] }) {
    const rows = [];
    for (;;) {
      let question = client.from(table).select(columns).range(rows.length, rows.length + PAGE - 1);
      if (columns.split(",")[0] === "id") question = question.order("id");
      for (const [column, value] of Object.entries(equal)) question = question.eq(column, value);
      for (const column of empty) question = question.is(column, null);
      const { error, data } = await question;
      rows.push(...(data ?? []));
      if (error || data.length < PAGE) return { error, data: rows };
    }
  },
  insert: ({ table, row }) => client.from(table).insert(row),
  upsert: ({ table, row }) => client.from(table).upsert(row),
  update: ({ table, row, id }) => client.from(table).update(row).eq("id", id).select("id"),
  delete: ({ table, id }) => client.from(table).delete().eq("id", id).select("id"),
  rpc: ({ schema, name, parameters }) => client.schema(schema).rpc(name, parameters),
};

const told = [];
for (const wish of JSON.parse(readFileSync(wishes, "utf8"))) {
  const { error, data } = await verbs[wish.verb](wish);
  // A function may tell one thing.
  told.push({ code: error ? error.code || error.message : null, rows: [].concat(data ?? []) });
}
writeFileSync(answers, JSON.stringify(told));
