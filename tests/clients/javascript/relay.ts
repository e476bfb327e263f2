// Relay's runtime with the artifacts of relay-compiler.
import { readFileSync } from "node:fs";
import relay, { type ConcreteRequest, type GraphQLTaggedNode, type RequestParameters, type Variables } from "relay-runtime";
import { operationName, type Client, type Connect } from "./client.ts";

const BUILD = new URL("../../../build/clients/relay/web/", import.meta.url);
const TEXTS: Record<string, string> = JSON.parse(readFileSync(new URL("persisted.json", BUILD), "utf8"));
const { Environment, Network, RecordSource, Store, commitMutation, createOperationDescriptor, fetchQuery } = relay;

async function load(document: Parameters<typeof operationName>[0], kind: string): Promise<ConcreteRequest> {
  return (await import(new URL(`artifacts/${operationName(document)}${kind}.graphql.ts`, BUILD).href)).default;
}

/** Returns a function that connects a client. `name` returns the members of a request that name its document. */
export const connectBy = (name: (request: RequestParameters) => Record<string, string>): Connect => (url, token, fetch) => {
  const network = Network.create(async (request, variables) => {
    const body = JSON.stringify({ ...name(request), variables });
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return (await fetch(url, { method: "POST", headers, body })).json();
  });
  const environment = new Environment({ network, store: new Store(new RecordSource()) });
  return {
    async query(document, variables) {
      const request = await load(document, "Query");
      return (await fetchQuery(environment, request as GraphQLTaggedNode, variables as Variables).toPromise()) as never;
    },
    async mutate(document, variables) {
      const mutation = (await load(document, "Mutation")) as GraphQLTaggedNode;
      return new Promise((onCompleted, onError) =>
        commitMutation(environment, {
          mutation,
          variables: variables as Variables,
          onError,
          onCompleted: (data, errors) => (errors ? onError(errors) : onCompleted(data as never)),
        }),
      );
    },
    async readCache(document, variables) {
      const operation = createOperationDescriptor(await load(document, "Query"), variables as Variables);
      const snapshot = environment.lookup(operation.fragment);
      return snapshot.isMissingData ? null : (snapshot.data as never);
    },
  } satisfies Client;
};

export const connect = connectBy((request) => ({ query: TEXTS[request.id!]!, operationName: request.name }));
