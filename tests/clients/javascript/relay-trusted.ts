// Relay that names documents by their hash.
import { connectBy } from "./relay.ts";

export const connect = connectBy((request) => ({ documentId: request.id! }));
