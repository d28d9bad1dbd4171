// The caught mails as a page for a person.

const escape = (text) =>
  String(text ?? "").replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);

const row = (mail) => `<details><summary><time>${escape(mail.received_at)}</time>
 <b>${escape(mail.subject)}</b> to ${escape([mail.to].flat().join(", "))}</summary>
<pre>${escape(mail.text ?? mail.html)}</pre></details>`;

/** The newest mail first; nothing of a mail is trusted. */
export const page = (mails) => `<!doctype html><meta charset="utf-8"><title>Millwright: caught mails</title>
<style>body{font:15px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}
details{border-bottom:1px solid #ddd;padding:.4rem 0}pre{white-space:pre-wrap}time{color:#666}</style>
<h1>Caught mails</h1>
${mails.length ? mails.toReversed().map(row).join("\n") : "<p>None yet. Nothing that Millwright sends from this machine leaves it.</p>"}`;
