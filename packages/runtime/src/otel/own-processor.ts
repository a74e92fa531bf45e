import { instrumentationScope, spans } from '@tracewright/conventions';
import type { ChosenExporter } from './exporter-choice.ts';
import type { OwnSpanProcessor } from './telemetry-options.ts';

/** A span processor that the author gave, as one of the places that traces go to. */
export interface ChosenProcessor {
  readonly processor: OwnSpanProcessor;
}

export function isChosenExporter(choice: ChosenExporter | ChosenProcessor): choice is ChosenExporter {
  return !isChosenProcessor(choice);
}

export function isChosenProcessor(choice: ChosenExporter | ChosenProcessor): choice is ChosenProcessor {
  return typeof choice === 'object' && 'processor' in choice;
}

interface Seen {
  readonly name: string;
  readonly instrumentationScope: { readonly name: string };
}

/** `processor` without the span that the boot probe starts: it is no work of the author's, and exporters do not get it either. */
export function withoutProbe(processor: OwnSpanProcessor): OwnSpanProcessor {
  const isProbe = (span: Seen): boolean => span.name === spans.probe.name && span.instrumentationScope.name === instrumentationScope;
  return {
    onStart(span: never, parentContext) {
      if (!isProbe(span)) processor.onStart(span, parentContext);
    },
    onEnd(span: never) {
      if (!isProbe(span)) processor.onEnd(span);
    },
    forceFlush: () => processor.forceFlush(),
    shutdown: () => processor.shutdown(),
  };
}
