// A teacher's whole journey by one client: sign-in, four tabs, submission, approval by the head, implementation.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import * as web from "../../../clients/typescript/dist/web/graphql.js";
import type { Connect } from "./client.ts";
import { BEHAVIOURS, Failed, Person, planOf, type Plan } from "./person.ts";

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
