// A teacher's whole journey by one client: sign-in, four tabs, submission, approval by the head, implementation.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import * as web from "../../../clients/typescript/dist/web/graphql.js";
import { differences, operationName, Recorder, type Client, type Connect, type Json } from "./client.ts";

const BEHAVIOURS = ["BP", "AK", "KO", "HA", "LO", "AD", "KL"].map((aspek) => ({ aspek, opsi: `${aspek}-1` }));

export class Failed extends Error {}

/** One person with a client, who keeps what was read to compare it with the cache. */
class Person {
  readonly recorder = new Recorder();
  readonly faults: string[] = [];
  cacheReads = 0;
  readonly client: Client;
  readonly reads = new Map<string, { document: never; variables: never; answer: Json }>();

  constructor(connect: Connect, url: string, token: string) {
    this.client = connect(url, token, this.recorder.fetch);
  }

  /** Sends a query, and checks that the client and its cache show the server's answer. */
  async query<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> {
    const data = await this.client.query(document, variables);
    const answer = (this.recorder.answer as { data: Json }).data;
    const name = operationName(document as never);
    this.compare(`${name} answered`, answer, data as Json);
    this.reads.set(name, { document: document as never, variables: variables as never, answer });
    await this.checkCache(name);
    return data;
  }

  async mutate<Data, Variables>(document: TypedDocumentNode<Data, Variables>, variables: Variables): Promise<Data> {
    const data = await this.client.mutate(document, variables);
    this.compare(`${operationName(document as never)} answered`, (this.recorder.answer as { data: Json }).data, data as Json);
    return data;
  }

  /** Checks that the cache still holds each field of a query that was sent. */
  async checkCache(name: string, unchanged = true): Promise<Json> {
    const { document, variables, answer } = this.reads.get(name)!;
    if (!this.client.readCache) return answer;
    this.cacheReads += 1;
    const data = (await this.client.readCache(document, variables)) as Json;
    if (data === null) this.faults.push(`${name}: the cache has lost fields`);
    else if (unchanged) this.compare(`${name} in the cache`, answer, data);
    return data;
  }

  /** Sends every query again, then reads all from the cache: no answer has changed another one. */
  async checkAllTogether(): Promise<void> {
    for (const { document, variables } of [...this.reads.values()]) await this.query(document, variables);
    for (const name of this.reads.keys()) await this.checkCache(name);
  }

  private compare(what: string, sent: Json, shown: Json): void {
    for (const difference of differences(sent, shown)) this.faults.push(`${what}${difference}`);
  }
}

type Plan = { id: string; version: number };

/** Returns the plan of a mutation's answer. */
function planOf(answer: Record<string, unknown>): Plan {
  const [result] = Object.values(answer).filter((value) => typeof value === "object") as { plan?: Plan; problems?: unknown }[];
  if (!result || result.problems) throw new Failed(`refused: ${JSON.stringify(answer)}`);
  return result.plan ?? (result as unknown as Plan);
}

export async function journey(connect: Connect, url: string, tokens: { teacher: string; head: string }) {
  const teacher = new Person(connect, url, tokens.teacher);
  const head = new Person(connect, url, tokens.head);
  let plan: Plan;
  const command = async (person: Person, document: TypedDocumentNode<any, any>, more: object = {}): Promise<void> => {
    plan = planOf(await person.mutate(document, { input: { planId: plan.id, expectedVersion: plan.version, ...more } }));
  };

  await teacher.query(web.ViewerDocument, {});
  plan = planOf(await teacher.mutate(web.StartPlanDocument, { input: {} }));
  await teacher.query(web.PlanDocument, { id: plan.id });
  await command(teacher, web.ConfirmProfileDocument);
  const early = await teacher.mutate(web.SubmitPlanDocument, { input: { planId: plan.id, expectedVersion: plan.version } });
  if (early.submitPlan.__typename !== "PlanRejection") throw new Failed("an empty plan was submitted");
  await command(teacher, web.SavePraktikKinerjaDocument, { then: "NEXT", indikator: "PK-UBK" });
  await command(teacher, web.SavePengembanganKompetensiDocument, { then: "NEXT", rhk: ["RHK-03"] });
  await command(teacher, web.SaveTugasTambahanDocument, { then: "NEXT", tugas: [] });
  await command(teacher, web.SavePerilakuKerjaDocument, { then: "NEXT", pilihan: BEHAVIOURS });
  await teacher.checkCache("Plan", false);
  await teacher.query(web.RangkumanDocument, { id: plan.id });
  await command(teacher, web.SubmitPlanDocument);
  await teacher.checkCache("Plan", false);
  await teacher.checkCache("Viewer", false);

  await head.query(web.ViewerDocument, {});
  await head.query(web.ReviewQueueDocument, { filter: { phase: "SUBMITTED" } });
  await head.query(web.ReviewPlanDocument, { id: plan.id });
  await head.checkAllTogether();
  await head.mutate(web.CommentOnPlanDocument, { input: { planId: plan.id, text: "Rencana Anda baik." } });
  await head.query(web.CommentsDocument, { id: plan.id });
  await command(head, web.ApprovePlanDocument);
  await head.checkCache("ReviewPlan", false);
  await head.checkAllTogether();

  await teacher.query(web.ViewerDocument, {});
  await teacher.checkCache("Plan", false);
  await teacher.query(web.PlanHistoryDocument, { id: plan.id });
  await teacher.query(web.CommentsDocument, { id: plan.id });
  await teacher.query(web.PlanTimersDocument, { id: plan.id });
  await teacher.query(web.NotificationsDocument, {});
  await teacher.checkAllTogether();
  await command(teacher, web.BeginImplementationDocument);
  await teacher.checkCache("Plan", false);
  await teacher.checkAllTogether();
  const requests = teacher.recorder.requests + head.recorder.requests;
  const reads = teacher.cacheReads + head.cacheReads;
  const texts = teacher.recorder.texts + head.recorder.texts;
  return { requests, texts, reads, faults: [...teacher.faults.map((f) => `teacher: ${f}`), ...head.faults.map((f) => `head: ${f}`)] };
}
