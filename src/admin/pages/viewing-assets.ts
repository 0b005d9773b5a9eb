/** What plays a recording and shows a live desktop; the drawing is done by the client of Guacamole. */
export const PLAYER = `import Guacamole from "/assets/guacamole.js";

const place = document.querySelector("[data-viewing]");
const { viewing, base } = place.dataset;
const said = document.getElementById("said");
const say = (text, tone) => {
  said.textContent = text;
  said.className = "say" + (tone === undefined ? "" : " " + tone);
};

function show(display) {
  // Whole without scrolling, as sharp as it can be: never larger than twice.
  const fit = () => {
    const [width, height] = [display.getWidth(), display.getHeight()];
    if (width === 0 || height === 0) return;
    const below = document.querySelector("main").getBoundingClientRect().bottom -
      place.getBoundingClientRect().bottom;
    const room = window.innerHeight - place.getBoundingClientRect().top - window.scrollY - below - 26;
    display.scale(Math.min(2, place.clientWidth / width, Math.max(room, 120) / height));
  };
  display.onresize = fit;
  window.addEventListener("resize", fit);
  display.showCursor(true);
  place.append(display.getElement());
}

function clock(ms) {
  const seconds = Math.floor(ms / 1000);
  return Math.floor(seconds / 60) + ":" + String(seconds % 60).padStart(2, "0");
}

/** What the sidecar sends, as a tunnel in which nobody says anything. */
function tunnelOf(answer) {
  const tunnel = new Guacamole.Tunnel();
  const { OPEN, CLOSED } = Guacamole.Tunnel.State;
  tunnel.sendMessage = () => undefined;
  tunnel.disconnect = () => tunnel.setState(CLOSED);
  tunnel.connect = () => {
    tunnel.setState(OPEN);
    read().catch(lost).finally(() => tunnel.setState(CLOSED));
  };
  async function read() {
    const parser = new Guacamole.Parser();
    parser.oninstruction = (opcode, args) => tunnel.oninstruction(opcode, args);
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      parser.receive(value);
    }
  }
  return tunnel;
}

function play(answer) {
  // By a tunnel: given a Blob, this version of the library reads nothing.
  const recording = new Guacamole.SessionRecording(tunnelOf(answer));
  const button = document.getElementById("play");
  const seek = document.getElementById("seek");
  const time = document.getElementById("time");
  const tell = () => {
    time.textContent = clock(recording.getPosition()) + " / " + clock(recording.getDuration());
  };
  recording.onprogress = (duration) => { seek.max = String(duration); tell(); };
  recording.onerror = (message) => say("This recording can not be played: " + message, "bad");
  recording.onload = () => {
    if (recording.getDuration() === 0) say("Nothing was drawn in it.");
    else recording.seek(0);
    place.dataset.loaded = "true";
  };
  recording.onplay = () => { button.textContent = "Pause"; };
  recording.onpause = () => { button.textContent = "Play"; };
  recording.onseek = (position) => { seek.value = String(position); tell(); };
  button.addEventListener("click", () => {
    if (recording.isPlaying()) recording.pause();
    else if (recording.getPosition() >= recording.getDuration()) recording.seek(0, () => recording.play());
    else recording.play();
  });
  seek.addEventListener("input", () => {
    const playing = recording.isPlaying();
    recording.seek(Number(seek.value), () => { if (playing) recording.play(); });
  });
  show(recording.getDisplay());
  document.getElementById("controls").hidden = false;
  say("");
  recording.connect();
}

function watch(answer) {
  const tunnel = tunnelOf(answer);
  const client = new Guacamole.Client(tunnel);
  tunnel.onstatechange = (state) => {
    if (state !== Guacamole.Tunnel.State.CLOSED || said.textContent !== "") return;
    say("It is over: the session has ended, or this page did not keep up.");
    place.dataset.over = "true";
  };
  show(client.getDisplay());
  say("");
  client.connect();
}

function lost(error) {
  console.error(error);
  say("The connection to the sidecar is lost.", "bad");
}

try {
  const opened = await fetch(base + "/open", { method: "POST" });
  const answer = opened.ok ? await fetch(base + "/stream") : opened;
  if (answer.status === 409) say("This link was opened in another browser: ask for another one.", "bad");
  else if (!answer.ok) say("It is not there any more.", "bad");
  else if (viewing === "recording") play(answer);
  else watch(answer);
} catch (error) {
  lost(error);
}
`;
