// The two eyes of the till: a hardware scanner, which is a very fast keyboard, and the camera.

const FAST = 50; // ms between the characters of a scanner; people are slower
const SHORTEST = 8;
const FORMATS = ["qr_code", "aztec", "pdf417", "code_128"]; // what a design may put on a card
const CERTAIN = 3; // this many fast characters are held back from the focused field until it is clear who typed them

function put(element, text) {
  if (!element?.isConnected || element.readOnly || element.disabled || typeof element.setRangeText !== "function") return;
  element.setRangeText(text, element.selectionStart ?? 0, element.selectionEnd ?? 0, "end");
  element.dispatchEvent(new Event("input", { bubbles: true }));
}

function isText(element) {
  return element instanceof HTMLTextAreaElement || (element instanceof HTMLInputElement && element.selectionStart !== null);
}

function character(event) {
  if (/^\d$/.test(event.key)) return event.key;
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(event.code);
  return digit && !event.shiftKey ? digit[1] : event.key;
}

/** Calls `onScan(text)` for each burst of keys that ends in Enter, whatever has the focus; other typing passes untouched. */
export class KeyboardScanner {
  #keys = "";
  #held = "";
  #last = 0;
  #before = null;
  #timer = 0;

  constructor(onScan) {
    this.onScan = onScan;
    window.addEventListener("keydown", (event) => this.#key(event), true);
  }

  #key(event) {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const fast = event.timeStamp - this.#last < FAST;
    if (event.key === "Enter") return this.#enter(event, fast);
    if (event.key.length !== 1) return;
    if (!fast) this.#begin();
    this.#last = event.timeStamp;
    this.#keys += character(event);
    if (this.#keys.length >= CERTAIN) this.#hold(event);
  }

  #begin() {
    this.#release();
    const element = document.activeElement;
    this.#keys = "";
    this.#before = isText(element) ? { element, value: element.value, start: element.selectionStart, end: element.selectionEnd } : null;
  }

  #hold(event) {
    event.preventDefault();
    event.stopImmediatePropagation();
    this.#held += event.key;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#release(), FAST * 2);
  }

  /** Not a scanner after all: what was held back goes where it was typed. */
  #release() {
    clearTimeout(this.#timer);
    const text = this.#held;
    this.#held = "";
    this.#keys = "";
    if (text && this.#before) put(this.#before.element, text);
  }

  #enter(event, fast) {
    const text = this.#keys;
    if (!fast || text.length < SHORTEST) return this.#release();
    event.preventDefault();
    event.stopImmediatePropagation();
    clearTimeout(this.#timer);
    this.#held = "";
    this.#keys = "";
    this.#last = 0;
    this.#restore();
    this.onScan(text);
  }

  /** Takes back the first characters, which reached the field before the burst was recognised. */
  #restore() {
    if (!this.#before) return;
    const { element, value, start, end } = this.#before;
    element.value = value;
    element.setSelectionRange(start, end);
    element.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function loadScript(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = () => reject(new Error("decoder"));
    document.head.append(script);
  });
}

async function nativeReads() {
  try {
    const known = "BarcodeDetector" in window ? await window.BarcodeDetector.getSupportedFormats() : [];
    return FORMATS.every((format) => known.includes(format));
  } catch {
    return false;
  }
}

/** The browser's own detector where there is one, else the WebAssembly decoder we serve. */
async function detector({ decoder, wasm }) {
  if (await nativeReads()) return new window.BarcodeDetector({ formats: FORMATS });
  if (!window.BarcodeDetectionAPI) await loadScript(decoder);
  const { BarcodeDetector, prepareZXingModule } = window.BarcodeDetectionAPI;
  await prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true }).catch(() => {
    throw new Error("decoder");
  });
  return new BarcodeDetector({ formats: FORMATS });
}

function reason(error) {
  if (error.message === "decoder") return "decoder";
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return "denied";
  return error.name === "NotFoundError" || error.name === "OverconstrainedError" ? "missing" : "busy";
}

/** The rear camera in a <video>; calls `onCode(text)` for what it sees. `paused` keeps the picture and stops the reading. */
export class Camera {
  #stream = null;
  #detector = null;
  paused = false;

  constructor({ video, decoder, wasm, onCode }) {
    Object.assign(this, { video, addresses: { decoder, wasm }, onCode });
  }

  get on() {
    return this.#stream !== null;
  }

  /** Returns null when the camera runs, or why it does not: denied, missing, busy, insecure, decoder. */
  async start() {
    if (!navigator.mediaDevices?.getUserMedia) return "insecure";
    try {
      this.#stream ??= await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: { ideal: "environment" }, width: { ideal: 1280 }, height: { ideal: 720 } },
      });
      this.video.srcObject = this.#stream;
      await this.video.play();
      this.#detector ??= await detector(this.addresses);
    } catch (error) {
      this.stop();
      return reason(error);
    }
    this.#watch(this.#stream);
    return null;
  }

  stop() {
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = null;
    this.video.srcObject = null;
  }

  get hasTorch() {
    const track = this.#stream?.getVideoTracks()[0];
    return Boolean(track?.getCapabilities?.().torch);
  }

  async torch(on) {
    await this.#stream?.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] });
  }

  async #watch(stream) {
    while (this.#stream === stream) {
      if (!this.paused && this.video.readyState >= 2) {
        const found = await this.#detector.detect(this.video).catch(() => []);
        if (!this.paused && this.#stream === stream) found.slice(0, 1).forEach((code) => this.onCode(code.rawValue));
      }
      await new Promise((resolve) => setTimeout(resolve, 80));
    }
  }
}

/** A short beep and a short vibration: the code was read. Silent until somebody has touched the page. */
export class Beep {
  #context = null;

  constructor() {
    const wake = () => {
      this.#context ??= new AudioContext();
      this.#context.resume();
    };
    window.addEventListener("pointerdown", wake, { passive: true });
    window.addEventListener("keydown", wake, { passive: true });
  }

  play() {
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(60);
    if (this.#context?.state !== "running") return;
    const tone = this.#context.createOscillator();
    const volume = this.#context.createGain();
    tone.frequency.value = 1320;
    volume.gain.setValueAtTime(0.12, this.#context.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.0001, this.#context.currentTime + 0.12);
    tone.connect(volume).connect(this.#context.destination);
    tone.start();
    tone.stop(this.#context.currentTime + 0.13);
  }
}
