// Our own client as its package is built.
import { createClient } from "../../../clients/typescript/dist/index.js";
import { connectBy } from "./rencana-source.ts";

export const connect = connectBy(createClient);
