import type { TriesAnswer, Try } from "@relay/server/wire";
import type { LinkSession } from "../link/link-session.js";

/**
 * Announces retries to the server before they are made, those of one turn of the event loop in one frame, and passes on
 * its answer: once the server has recorded a number, whoever gets the delivery next goes on behind it, whatever becomes
 * of this process.
 */
export interface TryBatch {
  /**
   * `onAnswer` is told once whether the try may be made; false: the delivery is not this session's any more. Told at once
   * by a server that records nothing; never told when the session ends before.
   */
  announce(session: LinkSession, wanted: Try, onAnswer: (mayTry: boolean) => void): void;
  answered(answer: TriesAnswer): void;
  /** The session is over: nothing is sent or answered any more. */
  forget(): void;
}

/** A batch for one session at a time. */
export function createTryBatch(): TryBatch {
  let session: LinkSession | null = null;
  let tries: Try[] = [];
  let unanswered = new Map<number, (mayTry: boolean) => void>();

  const flush = (): void => {
    const leaving = tries;
    tries = [];
    if (leaving.length > 0) session?.sendTries(leaving);
  };

  const answer = (sequences: readonly number[], mayTry: boolean): void => {
    for (const sequence of sequences) {
      const onAnswer = unanswered.get(sequence);
      unanswered.delete(sequence);
      onAnswer?.(mayTry);
    }
  };

  return {
    announce(to, wanted, onAnswer) {
      if (!to.recordsTries) {
        onAnswer(true);
        return;
      }
      session = to;
      unanswered.set(wanted.sequence, onAnswer);
      tries.push(wanted);
      if (tries.length === 1) setImmediate(flush);
    },
    answered({ recorded, refused }) {
      answer(recorded, true);
      answer(refused, false);
    },
    forget() {
      session = null;
      tries = [];
      unanswered = new Map();
    },
  };
}
