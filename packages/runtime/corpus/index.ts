import { attributeLimitDropsTheCaller } from './cases/attribute-limit-drops-the-caller.ts';
import { attributeStoredWhole } from './cases/attribute-stored-whole.ts';
import { attributeThrows } from './cases/attribute-throws.ts';
import { batchFailsAsAWholeForOneMessage } from './cases/batch-fails-as-a-whole-for-one-message.ts';
import { batchOfManyProducers } from './cases/batch-of-many-producers.ts';
import { bodyThrowsBeforeTheEnd } from './cases/body-throws-before-the-end.ts';
import { cacheHitOfNobody } from './cases/cache-hit-of-nobody.ts';
import { cachedReadOfAnotherUser } from './cases/cached-read-of-another-user.ts';
import { callerLeaksInHeaders } from './cases/caller-leaks-in-headers.ts';
import { childNobodyWaitsFor } from './cases/child-nobody-waits-for.ts';
import { childOfAnEndedSpan } from './cases/child-of-an-ended-span.ts';
import { cleanupFailsUnseen } from './cases/cleanup-fails-unseen.ts';
import { cleanupOfNobody } from './cases/cleanup-of-nobody.ts';
import { clientAbortsAStream } from './cases/client-aborts-a-stream.ts';
import { consumerBreaksEarly } from './cases/consumer-breaks-early.ts';
import { consumerLeavesASilentProducer } from './cases/consumer-leaves-a-silent-producer.ts';
import { consumerSpanOpenedBeforeTheMessage } from './cases/consumer-span-opened-before-the-message.ts';
import { controlMessageLastsAsLongAsWhatItStarts } from './cases/control-message-lasts-as-long-as-what-it-starts.ts';
import { credentialsOnASpan } from './cases/credentials-on-a-span.ts';
import { deadLetterNobodyCanTraceBack } from './cases/dead-letter-nobody-can-trace-back.ts';
import { errorMessageStoredWhole } from './cases/error-message-stored-whole.ts';
import { errorThatCannotBeRead } from './cases/error-that-cannot-be-read.ts';
import { exceptionRecordedOnEveryAncestor } from './cases/exception-recorded-on-every-ancestor.ts';
import { failureCountedAsSuccess } from './cases/failure-counted-as-success.ts';
import { fanOutGrowsTheProducersTrace } from './cases/fan-out-grows-the-producers-trace.ts';
import { filteredRootIsNoRoot } from './cases/filtered-root-is-no-root.ts';
import { filteredSpanHidesAFailure } from './cases/filtered-span-hides-a-failure.ts';
import { filteredSpanLeavesOrphans } from './cases/filtered-span-leaves-orphans.ts';
import { forgottenEnd } from './cases/forgotten-end.ts';
import { forkOutlivesItsRequest } from './cases/fork-outlives-its-request.ts';
import { generatorOutsideItsRequest } from './cases/generator-outside-its-request.ts';
import { generatorPulledFromThreePlaces } from './cases/generator-pulled-from-three-places.ts';
import { hookThatNeverAnswers } from './cases/hook-that-never-answers.ts';
import { hookThrows } from './cases/hook-throws.ts';
import { identityLostInAMessageHandler } from './cases/identity-lost-in-a-message-handler.ts';
import { identityOnlyOnTheRoot } from './cases/identity-only-on-the-root.ts';
import { inFlightMessagesLostAtExit } from './cases/in-flight-messages-lost-at-exit.ts';
import { intervalStartedInARequest } from './cases/interval-started-in-a-request.ts';
import { lateResultAfterATimeout } from './cases/late-result-after-a-timeout.ts';
import { leaderOfSharedWorkLeaves } from './cases/leader-of-shared-work-leaves.ts';
import { leakNoTestCanSee } from './cases/leak-no-test-can-see.ts';
import { listenerSeesTheEmitter } from './cases/listener-sees-the-emitter.ts';
import { longArrayStoredWhole } from './cases/long-array-stored-whole.ts';
import { loopLeftBehindByARequest } from './cases/loop-left-behind-by-a-request.ts';
import { manyLinksDropTheFirst } from './cases/many-links-drop-the-first.ts';
import { noContextManager } from './cases/no-context-manager.ts';
import { nobodyKnowsWhoCancelled } from './cases/nobody-knows-who-cancelled.ts';
import { nobodyKnowsWhoExecuted } from './cases/nobody-knows-who-executed.ts';
import { observerOutlivesItsOperation } from './cases/observer-outlives-its-operation.ts';
import { okBeforeTheError } from './cases/ok-before-the-error.ts';
import { oneFailedCleanupEndsThemAll } from './cases/one-failed-cleanup-ends-them-all.ts';
import { passwordInAConnectionUrl } from './cases/password-in-a-connection-url.ts';
import { poisonMessageQuotedInTheException } from './cases/poison-message-quoted-in-the-exception.ts';
import { poolGivesTheWrongParent } from './cases/pool-gives-the-wrong-parent.ts';
import { processorThrows } from './cases/processor-throws.ts';
import { promptInAWrappedError } from './cases/prompt-in-a-wrapped-error.ts';
import { promptInAnAttribute } from './cases/prompt-in-an-attribute.ts';
import { promptInAnError } from './cases/prompt-in-an-error.ts';
import { promptInBase64 } from './cases/prompt-in-base64.ts';
import { restartsInOneEndlessTrace } from './cases/restarts-in-one-endless-trace.ts';
import { retryLeavesNoMark } from './cases/retry-leaves-no-mark.ts';
import { retryOfAMessageInOneGrowingSpan } from './cases/retry-of-a-message-in-one-growing-span.ts';
import { samplerCannotSeeTheCaller } from './cases/sampler-cannot-see-the-caller.ts';
import { samplerThrows } from './cases/sampler-throws.ts';
import { samplingGluedToAnOldRoot } from './cases/sampling-glued-to-an-old-root.ts';
import { signalInTheMiddleOfAJob } from './cases/signal-in-the-middle-of-a-job.ts';
import { slowConsumerBlamedOnTheProducer } from './cases/slow-consumer-blamed-on-the-producer.ts';
import { spanThrows } from './cases/span-throws.ts';
import { spansLostAtExit } from './cases/spans-lost-at-exit.ts';
import { staleBaggageInAStream } from './cases/stale-baggage-in-a-stream.ts';
import { streamEndedTwice } from './cases/stream-ended-twice.ts';
import { streamErrorThatCannotBeRead } from './cases/stream-error-that-cannot-be-read.ts';
import { streamFailsMidway } from './cases/stream-fails-midway.ts';
import { streamNeverIterated } from './cases/stream-never-iterated.ts';
import { streamReturnedBeforeItsFirstPull } from './cases/stream-returned-before-its-first-pull.ts';
import { streamSpanEndsBeforeTheFirstItem } from './cases/stream-span-ends-before-the-first-item.ts';
import { stuckWorkAtExit } from './cases/stuck-work-at-exit.ts';
import { subscriptionMadeDuringBootstrap } from './cases/subscription-made-during-bootstrap.ts';
import { testsShareOneRecorder } from './cases/tests-share-one-recorder.ts';
import { thirdPartySpanWithoutIdentity } from './cases/third-party-span-without-identity.ts';
import { timedOutTryStaysOpen } from './cases/timed-out-try-stays-open.ts';
import { tokenInAnErrorMessage } from './cases/token-in-an-error-message.ts';
import { twoCopiesOfTheApi } from './cases/two-copies-of-the-api.ts';
import { waitInAQueueLooksLikeSlowWork } from './cases/wait-in-a-queue-looks-like-slow-work.ts';
import { webStreamReadAndCancelledElsewhere } from './cases/web-stream-read-and-cancelled-elsewhere.ts';
import { workerInOneEndlessTrace } from './cases/worker-in-one-endless-trace.ts';
import { workerStartedInARequest } from './cases/worker-started-in-a-request.ts';
import type { HostileCase } from './hostile-case.ts';

/** Every case, by guarantee. */
export const hostileCases: readonly HostileCase[] = [
  streamReturnedBeforeItsFirstPull,
  bodyThrowsBeforeTheEnd,
  childNobodyWaitsFor,
  consumerBreaksEarly,
  consumerLeavesASilentProducer,
  forgottenEnd,
  leakNoTestCanSee,
  streamEndedTwice,
  streamFailsMidway,
  streamNeverIterated,
  hookThatNeverAnswers,
  leaderOfSharedWorkLeaves,
  timedOutTryStaysOpen,
  subscriptionMadeDuringBootstrap,
  workerInOneEndlessTrace,
  restartsInOneEndlessTrace,
  intervalStartedInARequest,
  loopLeftBehindByARequest,
  consumerSpanOpenedBeforeTheMessage,
  controlMessageLastsAsLongAsWhatItStarts,
  retryOfAMessageInOneGrowingSpan,
  batchOfManyProducers,
  childOfAnEndedSpan,
  fanOutGrowsTheProducersTrace,
  filteredRootIsNoRoot,
  forkOutlivesItsRequest,
  samplingGluedToAnOldRoot,
  observerOutlivesItsOperation,
  workerStartedInARequest,
  generatorOutsideItsRequest,
  generatorPulledFromThreePlaces,
  webStreamReadAndCancelledElsewhere,
  slowConsumerBlamedOnTheProducer,
  staleBaggageInAStream,
  streamSpanEndsBeforeTheFirstItem,
  attributeLimitDropsTheCaller,
  listenerSeesTheEmitter,
  identityOnlyOnTheRoot,
  nobodyKnowsWhoExecuted,
  poolGivesTheWrongParent,
  samplerCannotSeeTheCaller,
  thirdPartySpanWithoutIdentity,
  cacheHitOfNobody,
  cachedReadOfAnotherUser,
  identityLostInAMessageHandler,
  cleanupOfNobody,
  clientAbortsAStream,
  exceptionRecordedOnEveryAncestor,
  failureCountedAsSuccess,
  filteredSpanHidesAFailure,
  nobodyKnowsWhoCancelled,
  lateResultAfterATimeout,
  okBeforeTheError,
  retryLeavesNoMark,
  waitInAQueueLooksLikeSlowWork,
  cleanupFailsUnseen,
  deadLetterNobodyCanTraceBack,
  batchFailsAsAWholeForOneMessage,
  callerLeaksInHeaders,
  credentialsOnASpan,
  passwordInAConnectionUrl,
  promptInAWrappedError,
  promptInAnAttribute,
  promptInAnError,
  promptInBase64,
  tokenInAnErrorMessage,
  poisonMessageQuotedInTheException,
  noContextManager,
  testsShareOneRecorder,
  twoCopiesOfTheApi,
  attributeThrows,
  errorThatCannotBeRead,
  processorThrows,
  samplerThrows,
  spanThrows,
  streamErrorThatCannotBeRead,
  hookThrows,
  attributeStoredWhole,
  manyLinksDropTheFirst,
  errorMessageStoredWhole,
  filteredSpanLeavesOrphans,
  longArrayStoredWhole,
  spansLostAtExit,
  stuckWorkAtExit,
  oneFailedCleanupEndsThemAll,
  signalInTheMiddleOfAJob,
  inFlightMessagesLostAtExit,
];
