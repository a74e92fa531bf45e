/**
 * Attribute keys that hold content by their own definition: what people and models said, what tools were given and gave, values in queries. The content
 * policy decides about them whoever sets them (OpenTelemetry semantic conventions, GenAI, database, messaging and HTTP).
 */
export const contentKeys: readonly string[] = [
  'gen_ai.input.messages',
  'gen_ai.output.messages',
  'gen_ai.system_instructions',
  'gen_ai.tool.definitions',
  'gen_ai.tool.call.arguments',
  'gen_ai.tool.call.result',
  'gen_ai.prompt',
  'gen_ai.completion',
  'gen_ai.retrieval.query.text',
  'http.request.body',
  'http.request.body.text',
  'http.response.body',
  'http.response.body.text',
  'messaging.message.body',
  'rpc.message.body',
];

/** As `contentKeys`, for families of keys. */
export const contentKeyPrefixes: readonly string[] = [
  'gen_ai.input.messages.',
  'gen_ai.output.messages.',
  'gen_ai.prompt.',
  'gen_ai.completion.',
  'db.query.parameter.',
  'db.operation.parameter.',
  'http.request.body.content',
  'http.response.body.content',
  'messaging.message.body.content',
];
