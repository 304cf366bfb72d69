import type { ReactiveController, ReactiveControllerHost } from 'lit';

export interface AttachedHost extends ReactiveControllerHost {
  readonly isConnected: boolean;
}

/**
 * Base of every controller that holds something outside its host: a connection, a camera, a listener, a timer.
 *
 * Lit also updates hosts that are not in the document, and a host that is moved within the document leaves and enters it.
 * So this class calls `attached` and `detached` in pairs, calls `detached` one task after the host left and only if it
 * has not returned by then, and calls the update methods only while the host is in the document.
 */
export abstract class AttachedController<Host extends AttachedHost> implements ReactiveController {
  protected readonly host: Host;
  #isAttached = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: Host) {
    this.host = host;
    host.addController(this);
  }

  /** While this is false nothing may be acquired. Code that awaited something checks it again. */
  get isAttached(): boolean {
    return this.#isAttached;
  }

  hostConnected(): void {
    clearTimeout(this.#timer);
    if (this.#isAttached) return this.moved();
    this.#isAttached = true;
    this.attached();
    // Lit does not update a host that returns to the document.
    this.host.requestUpdate();
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#isAttached = false;
      this.detached();
    });
  }

  hostUpdate(): void {
    if (this.host.isConnected) this.beforeUpdate();
  }

  hostUpdated(): void {
    if (this.host.isConnected) this.afterUpdate();
  }

  protected attached(): void {}

  /** The host left the document and returned to it within one task. */
  protected moved(): void {}

  protected detached(): void {}

  protected beforeUpdate(): void {}

  protected afterUpdate(): void {}
}
