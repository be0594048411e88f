import type { Dispatcher } from "../delivery/dispatcher.js";
import type { Lane } from "../delivery/lane.js";
import type { Output } from "../wire/index.js";
import type { ServedOutput } from "./admission.js";
import { type DeliverySender, Subscription } from "./subscription.js";
import { wireOutput } from "./wire-output.js";

/** Limits on what an agent may ask for, whatever it says in Hello. */
const MAX_WINDOW = 4_096;
const MAX_WINDOW_BYTES = 128 * 1024 * 1024;

/** How long an agent that gave a delivery back is offered nothing of that output. */
const RETURNED_PAUSE_MS = 1_000;

/** What an agent asked for when it came. */
export interface AgentCredit {
  readonly agentId: number;
  readonly window: number;
  readonly windowBytes: number;
}

/** The outputs that one session serves, each with its credit. */
export class Subscriptions {
  readonly #sender: DeliverySender;
  readonly #dispatcher: Dispatcher;
  readonly #byOutput = new Map<string, Subscription>();
  #lastNumber = 0;

  constructor(sender: DeliverySender, dispatcher: Dispatcher) {
    this.#sender = sender;
    this.#dispatcher = dispatcher;
  }

  outputIds(): string[] {
    return [...this.#byOutput.keys()];
  }

  *lanes(): Iterable<Lane> {
    for (const { lane } of this.#byOutput.values()) yield lane;
  }

  /**
   * Serves these outputs from now on and no others. `added` get nothing before they are attached, for the agent has to know of
   * them first; `changed`: the agent knows others, or knows some otherwise.
   */
  follow(served: readonly ServedOutput[], credit: AgentCredit): { changed: boolean; added: Subscription[] } {
    const wanted = new Map(served.map((each) => [each.output.id, each]));
    let changed = false;
    for (const [outputId, subscription] of this.#byOutput) {
      const now = wanted.get(outputId);
      const lane = now === undefined ? undefined : this.#dispatcher.lane(now.output, credit.agentId);
      if (lane === subscription.lane && now !== undefined) {
        if (now.output !== subscription.output) {
          changed ||= JSON.stringify(now.output) !== JSON.stringify(subscription.output);
          subscription.output = now.output;
        }
        wanted.delete(outputId);
        continue;
      }
      this.#byOutput.delete(outputId);
      this.#dispatcher.detach(subscription.lane, subscription);
      changed = true;
    }
    const added = [...wanted.values()].map((each) => this.#add(each, credit));
    return { changed: changed || added.length > 0, added };
  }

  attach(added: readonly Subscription[]): void {
    for (const subscription of added) this.#dispatcher.attach(subscription.lane, subscription);
  }

  /** These outputs as the agent is told of them. */
  wire(served: readonly ServedOutput[]): Output[] {
    return served.flatMap((each) => {
      const number = this.#byOutput.get(each.output.id)?.number;
      return number === undefined ? [] : [wireOutput(each, number)];
    });
  }

  /** The agent changes its credit for the output of this number. */
  setWindow({ output, window, windowBytes }: { output: number; window: number; windowBytes: number }): void {
    for (const subscription of this.#byOutput.values()) {
      if (subscription.number !== output) continue;
      subscription.window = Math.min(window, MAX_WINDOW);
      subscription.windowBytes = Math.min(windowBytes, MAX_WINDOW_BYTES);
      this.#dispatcher.credit(subscription.lane);
    }
  }

  /** The agent gave a delivery back. */
  pause(subscription: Subscription): void {
    if (subscription.paused) return;
    subscription.paused = true;
    const resume = () => {
      subscription.paused = false;
      if (this.#sender.canSend) this.#dispatcher.credit(subscription.lane);
    };
    setTimeout(resume, RETURNED_PAUSE_MS).unref();
  }

  /** The session is over. */
  clear(): void {
    for (const subscription of this.#byOutput.values()) this.#dispatcher.detach(subscription.lane, subscription);
    this.#byOutput.clear();
  }

  #add({ output }: ServedOutput, { agentId, window, windowBytes }: AgentCredit): Subscription {
    this.#lastNumber += 1;
    const subscription = new Subscription(this.#sender, {
      number: this.#lastNumber,
      lane: this.#dispatcher.lane(output, agentId),
      output,
      window: Math.min(window, MAX_WINDOW),
      windowBytes: Math.min(windowBytes, MAX_WINDOW_BYTES),
    });
    this.#byOutput.set(output.id, subscription);
    return subscription;
  }
}
