/** Lets one wait until it is woken, or a signal aborts. */
export class Bell {
  /** Wakes who waits. */
  ring: () => void = silent;

  wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        signal.removeEventListener('abort', end);
        this.ring = silent;
        resolve();
      };
      signal.addEventListener('abort', end, { once: true });
      this.ring = end;
    });
  }
}

function silent(): void {}
