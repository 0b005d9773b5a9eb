import { z } from "zod";
import { REFUSALS } from "../http/status.js";
import { frameForm, messageForm } from "../schema/inspections.js";
import { sessionParams } from "../schema/sessions.js";
import { STREAM_PATH, STREAM_PROTOCOL } from "./stream-door.js";

/**
 * The API document with the WebSocket of `inspectStream`. OpenAPI 3.1 describes the request that opens it;
 * what passes in it has no place there, and stands as JSON Schemas in an extension.
 */
export function withStream(document: object): object {
  const { paths = {} } = document as { readonly paths?: object }; // OpenAPI
  return { ...document, paths: { ...paths, [STREAM_PATH]: { get: operation() } } };
}

function operation() {
  const refused = { "application/json": { schema: { $ref: "#/components/schemas/Problem" } } };
  const refusals = ["400", "401", "403", "404", "421", "429", "503"] as const;
  return {
    operationId: "inspectStream",
    summary: "Terminals of such a session, judged as they are typed (WebSocket)",
    description: `A WebSocket with the subprotocol \`${STREAM_PROTOCOL}\`; one a session, which ends with it. \`x-websocket\` says what is sent (\`send\`: by the gateway) and told (\`receive\`), one JSON text a message. Needs the role admin.`,
    security: [{ token: [] }, { certificate: [] }],
    parameters: Object.entries(schemaOf(sessionParams).properties ?? {}).map(([name, schema]) => ({
      ...{ schema, in: "path", name, required: true },
    })),
    responses: {
      101: { description: "the WebSocket is open" },
      ...Object.fromEntries(
        refusals.map((status) => [
          status,
          { description: REFUSALS[Number(status)] ?? "", content: refused },
        ]),
      ),
    },
    "x-websocket": {
      subprotocol: STREAM_PROTOCOL,
      send: schemaOf(frameForm),
      receive: schemaOf(messageForm),
    },
  };
}

function schemaOf(form: z.ZodType) {
  const { $schema, ...schema } = z.toJSONSchema(form, { io: "input" }); // eslint-disable-line @typescript-eslint/no-unused-vars -- the document says it
  return schema;
}
