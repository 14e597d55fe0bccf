// What slider_keys.py puts into a page: it watches one picture, frame by frame, and can send floods of keys.
// All times are performance.now(), in milliseconds.
{
  const strip = document.createElement("canvas");
  const ink = strip.getContext("2d", { willReadFrequently: true });
  const log = { on: false, host: null, last: 0, keys: [], frames: [] };

  // 16 pixels from the middle of the picture, top to bottom, as one number; 0 while there is no picture.
  // `host` is a canvas, or the element in which an image comes and goes.
  const see = () => {
    const picture = log.host.matches("canvas") ? log.host : log.host.querySelector("img");
    const width = picture?.naturalWidth ?? picture?.width;
    const height = picture?.naturalHeight ?? picture?.height;
    if (!width || !height || picture.complete === false) return 0;
    if (strip.height !== height || strip.width !== 16) Object.assign(strip, { width: 16, height });
    ink.clearRect(0, 0, 16, height);
    ink.drawImage(picture, Math.round(width / 2) - 8, 0, 16, height, 0, 0, 16, height);
    const pixels = new Uint32Array(ink.getImageData(0, 0, 16, height).data.buffer);
    let hash = 1;
    for (const pixel of pixels) hash = Math.imul(hash ^ (hash >>> 15) ^ pixel, 0x9e3779b1);
    return hash >>> 0 || 1;
  };

  // A message that is posted while a frame is prepared arrives when the page is done with it: layout, paint and all.
  const done = new MessageChannel();
  done.port2.onmessage = ({ data: [read, seen] }) => log.frames.push([read, performance.now(), seen]);

  const frame = () => {
    if (!log.on) return;
    const seen = see();
    if (seen !== log.last) done.port1.postMessage([performance.now(), (log.last = seen)]);
    requestAnimationFrame(frame);
  };

  log.see = see;
  log.start = (host) => {
    Object.assign(log, { on: true, host, last: 0, keys: [], frames: [] });
    frame();
  };
  log.stop = () => {
    log.on = false;
    return [log.keys, log.frames];
  };

  // Press each of `keys` when its time has come, `rate` of them a second, whatever the frames do meanwhile. Late ones
  // follow one by one, each a task of its own, so that there may be a frame between them.
  log.flood = (target, keys, rate) =>
    new Promise((resolve) => {
      const start = performance.now();
      let sent = 0;
      const send = () => {
        const options = { key: keys[sent++], bubbles: true, cancelable: true, composed: true };
        target.dispatchEvent(new KeyboardEvent("keydown", options));
        if (sent === keys.length) resolve();
        else setTimeout(send, Math.max(0, Math.ceil(start + (1000 * sent) / rate - performance.now())));
      };
      send();
    });

  addEventListener("keydown", (event) => log.on && log.keys.push(event.timeStamp), true);
  window.frameLog = log;
}
