/** Sends the documents of `@rencana/client/web` (mobile, partner, admin) to planning. */
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print } from "graphql";

/** What a program may read of an error; `message` is for people, in the language that was asked for. */
export interface ResponseError {
  message: string;
  path?: (string | number)[];
  extensions?: { code?: string; problem?: { code: string; path: string[] } };
}

/** The server answered with errors. `status` is that of HTTP; `data` holds the fields that did not fail. */
export class RencanaError extends Error {
  readonly status: number;
  readonly errors: readonly ResponseError[];
  readonly data: unknown;

  constructor(status: number, errors: readonly ResponseError[], data: unknown) {
    super(errors.map((error) => error.message).join(" ") || `HTTP ${status}`);
    this.status = status;
    this.errors = errors;
    this.data = data;
  }
}

export interface Options {
  /** The endpoint, such as https://rencana.example/graphql */
  url: string;
  /** Returns the access token. It is asked for before each request, because a token is valid for 15 minutes. */
  token: () => string | Promise<string>;
  language?: "id" | "en";
  fetch?: typeof globalThis.fetch;
}

/** Returns a function that sends a document and returns its data. It throws a RencanaError if there are errors. */
export function createClient({ url, token, language = "id", fetch = globalThis.fetch }: Options) {
  return async function send<Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    ...[variables]: Variables extends Record<string, never> ? [] : [Variables]
  ): Promise<Data> {
    const response = await fetch(url, {
      method: "POST",
      headers: {
        accept: "application/graphql-response+json",
        "accept-language": language,
        authorization: `Bearer ${await token()}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ query: print(document), variables }),
    });
    const answer = (await response.json()) as { data?: Data; errors?: ResponseError[] };
    if (!response.ok || answer.errors || answer.data == null)
      throw new RencanaError(response.status, answer.errors ?? [], answer.data);
    return answer.data;
  };
}
