// `node short.ts '{"url": …, "tokens": {CLIENT: TOKEN}, "documents": {NAME: TEXT}}'`: each client reads, saves and
// submits a plan with documents that nobody has generated. Prints the figures of each as JSON.
import { warnings } from "./warnings.ts";
import { parse } from "graphql";
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import type { Connect } from "./client.ts";
import { BEHAVIOURS, Person, planOf } from "./person.ts";

type Document = TypedDocumentNode<any, any>;
const { url, tokens, documents } = JSON.parse(process.argv[2]!);
const document = (name: string) => parse(documents[name]) as Document;

const TABS = {
  SavePraktikKinerja: { indikator: "PK-UBK" },
  SavePengembanganKompetensi: { rhk: ["RHK-03"] },
  SaveTugasTambahan: { tugas: [] },
  SavePerilakuKerja: { pilihan: BEHAVIOURS },
};

async function submitPlan(connect: Connect, token: string) {
  const teacher = new Person(connect, url, token);
  await teacher.query(document("Viewer"), {});
  let plan = planOf(await teacher.mutate(document("StartPlan"), { input: {} }));
  await teacher.query(document("Plan"), { id: plan.id });
  const command = async (name: string, more: object = {}) => {
    const input = { planId: plan.id, expectedVersion: plan.version, ...more };
    plan = planOf(await teacher.mutate(document(name), { input }));
  };
  await command("ConfirmProfile");
  for (const [name, tab] of Object.entries(TABS)) await command(name, { then: "NEXT", ...tab });
  await teacher.checkCache("Plan", false);
  await command("SubmitPlan");
  const { plan: submitted } = await teacher.query(document("Plan"), { id: plan.id });
  const { requests, texts } = teacher.recorder;
  return { phase: submitted.state.phase, requests, texts, faults: teacher.faults };
}

const results: Record<string, object> = {};
for (const [name, token] of Object.entries<string>(tokens)) {
  const { connect } = await import(`./${name}.ts`);
  results[name] = await submitPlan(connect, token);
}
console.log(JSON.stringify({ results, warnings }));
