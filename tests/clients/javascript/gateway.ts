// `node gateway.ts URL TOKEN`: planning and another subgraph, composed and served by Apollo's gateway. Prints answers.
import { ApolloGateway, LocalGraphQLDataSource, RemoteGraphQLDataSource } from "@apollo/gateway";
import { composeServices } from "@apollo/composition";
import { ApolloServer } from "@apollo/server";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";

const [url, token] = process.argv.slice(2) as [string, string];
const authorization = `Bearer ${token}`;

async function send(query: string): Promise<any> {
  const headers = { authorization, "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query }) });
  return (await response.json()).data;
}

const planningSdl: string = (await send("{ _service { sdl } }"))._service.sdl;
const planId: string = (await send("mutation { startPlan(input: {}) { ... on StartPlanPayload { plan { id } } } }"))
  .startPlan.plan.id;

// A subgraph of somebody else, which knows a plan by its id only.
const reports = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { report: Report! }
  type Report { title: String! plan: Plan! }
  type Plan @key(fields: "id") { id: ID! pages: Int! }
`);
const resolvers = {
  Query: { report: () => ({ title: "Rapor", plan: { id: planId } }) },
  Plan: { pages: () => 3 },
};
const services = [
  { name: "planning", url, typeDefs: parse(planningSdl) },
  { name: "reports", url: "http://reports.test", typeDefs: reports },
];
const composition = composeServices(services);
if (composition.errors?.length) throw new Error(composition.errors.map((error) => error.message).join("\n"));

class Signed extends RemoteGraphQLDataSource {
  override willSendRequest({ request }: any): void {
    request.http.headers.set("authorization", authorization);
  }
}
const gateway = new ApolloGateway({
  supergraphSdl: composition.supergraphSdl!,
  buildService: ({ name, url }) =>
    name === "planning"
      ? new Signed({ url })
      : new LocalGraphQLDataSource(buildSubgraphSchema({ typeDefs: reports, resolvers })),
});
const server = new ApolloServer({ gateway });

async function ask(query: string, variables = {}): Promise<unknown> {
  const response = await server.executeOperation({ query, variables });
  if (response.body.kind !== "single") throw new Error("an answer in parts");
  return response.body.singleResult;
}

const here = await send(`{ plan(id: "${planId}") { id version state { phase } } }`);
const entity = await ask("{ report { title plan { id pages version state { phase } } } }");
const extended = await ask("query Q($id: ID!) { plan(id: $id) { id version pages } }", { id: planId });
console.log(JSON.stringify({ plan: here.plan, entity, extended }));
await server.stop();
