export { type AttributeDefinition, attributes, semanticConventions } from './attributes.ts';
export { type ErrorCode, errorCodes, errorTypes } from './errors.ts';
export { type MetricDefinition, metrics } from './metrics.ts';
export { type EventDefinition, events, instrumentationScope, type SpanDefinition, spans } from './spans.ts';
export { contentKeyPrefixes, contentKeys } from './content.ts';
