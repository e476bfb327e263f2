// One person with a client, and what their journeys need.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { differences, operationName, Recorder, type Client, type Connect, type Json } from "./client.ts";

export const BEHAVIOURS = ["BP", "AK", "KO", "HA", "LO", "AD", "KL"].map((aspek) => ({ aspek, opsi: `${aspek}-1` }));

export class Failed extends Error {}

/** One person with a client, who keeps what was read to compare it with the cache. */
export class Person {
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

export type Plan = { id: string; version: number };

/** Returns the plan of a mutation's answer. */
export function planOf(answer: Record<string, unknown>): Plan {
  const [result] = Object.values(answer).filter((value) => typeof value === "object") as { plan?: Plan; problems?: unknown }[];
  if (!result || result.problems) throw new Failed(`refused: ${JSON.stringify(answer)}`);
  return result.plan ?? (result as unknown as Plan);
}
