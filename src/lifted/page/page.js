// What a page of `links lift --html` does: shows skeletons in 3D and in the image, frame by frame. The data are in the
// page itself: the header says how the bytes are laid out (docs/lift.md).

const TRACK_COLORS = ['#4b3fa7', '#8c6d00', '#b0183c', '#4f7000', '#3d5a68', '#7a4a2b', '#9a2d9a', '#00696f'];
const TURN_SECONDS = 12;

// --- The data ------------------------------------------------------------------------------------------------------

/** A track with an array for each of header.arrays, and how many poses it has. */
function readTrack(header, buffer, entry, number) {
  const track = {...entry, color: TRACK_COLORS[number % TRACK_COLORS.length]};
  let offset = entry.offset;
  for (const {name, type, columns} of header.arrays) {
    track[name] = new ARRAYS[type](buffer, offset, entry.poses * columns);
    offset += Math.ceil(track[name].byteLength / 4) * 4;
  }
  return track;
}

const header = JSON.parse(byId('header').textContent);
const pictures = JSON.parse(byId('pictures').textContent);
const buffer = bytesOf(byId('data').textContent);
const tracks = header.tracks.map((entry, number) => readTrack(header, buffer, entry, number));
const frames = header.index.length, joints = header.joints.length;

/** Which pose of the track belongs to the frame; -1 = none. */
function poseAt(track, frame) {
  let low = 0, high = track.poses;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (track.frame[middle] < frame) low = middle + 1; else high = middle;
  }
  return low < track.poses && track.frame[low] === frame ? low : -1;
}

/** [x, y, z] of a joint from the root, units of the body in camera axes. */
function jointOf(track, pose, joint) {
  const step = track.joint_step[pose], at = 3 * (pose * joints + joint);
  return [step * track.joints[at], step * track.joints[at + 1], step * track.joints[at + 2]];
}

/** [x, y] of a keypoint in pixels; only what was seen has one. */
function keypointOf(track, pose, joint) {
  const step = track.px_step[pose], at = 2 * (pose * joints + joint);
  return [track.root[2 * pose] + step * track.px[at], track.root[2 * pose + 1] + step * track.px[at + 1]];
}

const stateOf = (track, pose, joint) => track.states[pose * joints + joint];

/** The radius around a joint within which 68 % of true ones lie, units of the body; 0 = not known. */
const spreadOf = (track, pose, joint) => track.spread[pose * joints + joint] / 100;

function quantile(values, share) {
  const sorted = Float64Array.from(values).sort();
  return sorted.length ? sorted[Math.round(share * (sorted.length - 1))] : NaN;
}

/** Every so many poses, so that a statistic over a track looks at some hundreds of them. */
function* somePoses(track) {
  const step = Math.max(1, Math.floor(track.poses / 400));
  for (let pose = 0; pose < track.poses; pose += step) yield pose;
}

// Where a track stands: what is under its feet, and its place across the image.
for (const track of tracks) {
  const lowest = [], highest = [];
  for (const pose of somePoses(track)) {
    const ys = Array.from({length: joints}, (_, joint) => jointOf(track, pose, joint)[1]);
    lowest.push(Math.max(...ys));
    highest.push(Math.min(...ys));
  }
  track.floor = quantile(lowest, 0.9);
  track.height = track.floor - quantile(highest, 0.1);
  track.scaleMedian = quantile(track.scale, 0.5);
}

// --- What is shown -------------------------------------------------------------------------------------------------

const show = {
  frame: 0, playing: false, speed: 1, spinning: false, yaw: VIEWS.start[0], pitch: VIEWS.start[1], zoom: 1,
  whole: false, chosen: new Set(), drawn: 0};
let stale = true, timeStale = true;

function redraw(withTime) {
  stale = true;
  timeStale = timeStale || Boolean(withTime);
}

const chosenTracks = () => tracks.filter((track) => show.chosen.has(track));

/** The chosen people of the frame: {track, pose}. */
function present() {
  return chosenTracks().map((track) => ({track, pose: poseAt(track, Math.floor(show.frame))}))
      .filter(({pose}) => pose >= 0);
}

const nameOf = (track) => (track.given ? 'track ' : 'person ') + track.name;
const shortNameOf = (track) => (track.name.length > 12 ? track.name.slice(0, 11) + '\u2026' : track.name);

// --- In 3D ---------------------------------------------------------------------------------------------------------

/** How the chosen people stand: one alone in the middle; several as far apart as in the image, on one floor. */
function arrange() {
  const chosen = chosenTracks();
  const scale = quantile(chosen.map((track) => track.scaleMedian), 0.5);
  const across = [];
  for (const track of chosen) for (const pose of somePoses(track)) across.push(track.root[2 * pose] / scale);
  const left = quantile(across, 0.01), right = quantile(across, 0.99), alone = chosen.length < 2;
  return {
    scale, alone, middle: (left + right) / 2, reach: alone ? 0 : Math.min((right - left) / 2, 12),
    height: Math.max(...chosen.map((track) => track.height), 1)};
}
let arranged = null;

function drawSpace() {
  const {context, width, height} = prepare(byId('space-canvas'));
  if (show.chosen.size === 0) {
    label(context, 'Choose people to see them.', width / 2, height / 2, GREY);
    return;
  }
  const project = projector(show, arranged, width, height);
  drawFloor(context, project, show, arranged, width);
  const parts = [];
  for (const {track, pose} of present()) {
    const across = arranged.alone ? 0
        : clamp(track.root[2 * pose] / arranged.scale - arranged.middle, -1.2 * arranged.reach, 1.2 * arranged.reach);
    const at = [];
    for (let joint = 0; joint < joints; ++joint) {
      const [x, y, z] = jointOf(track, pose, joint);
      at.push(project([x + across, y - track.floor, z]));
    }
    const states = Array.from({length: joints}, (_, joint) => stateOf(track, pose, joint));
    parts.push(...skeletonParts(context, at, header.bones, header.joints, states,
                                (joint) => spreadOf(track, pose, joint)));
    if (!arranged.alone) {
      const top = at.reduce((best, point) => (point[1] < best[1] ? point : best));
      parts.push({depth: -1e3, draw() { label(context, shortNameOf(track), top[0], top[1] - 12, track.color); }});
    }
  }
  drawParts(parts);
}

// --- In the image --------------------------------------------------------------------------------------------------

const decoded = new Map();  // number of a picture -> Image, the last ones

function pictureOf(number) {
  let image = decoded.get(number);
  if (!image) {
    image = new Image();
    image.onload = () => redraw();
    image.src = 'data:image/jpeg;base64,' + pictures[number];
    decoded.set(number, image);
    if (decoded.size > 48) decoded.delete(decoded.keys().next().value);
  }
  return image;
}

/** The number of the picture that is shown with a frame: its own, or the last one before it; -1 = none. */
function pictureFor(frame) {
  let low = 0, high = (header.pictures || []).length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (header.pictures[middle].frame <= frame) low = middle + 1; else high = middle;
  }
  return low - 1;
}

/** What all keypoints of the chosen people take up, with a margin: [left, top, right, bottom]. */
function keypointBox() {
  let box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const track of chosenTracks()) {
    for (const pose of somePoses(track)) {
      for (let joint = 0; joint < joints; ++joint) {
        if (stateOf(track, pose, joint) === GUESSED) continue;
        const [x, y] = keypointOf(track, pose, joint);
        box = [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)];
      }
    }
  }
  const margin = 0.08 * Math.max(box[2] - box[0], box[3] - box[1], 1);
  return [box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin];
}
let keypointsBox = null;

/** What the image panel shows. */
function imageBox(number) {
  const [left, top, right, bottom] = keypointsBox;
  if (number < 0) return keypointsBox;
  const {width, height} = header.pictures[number];
  if (show.whole || !(right > left)) return [0, 0, width, height];
  const close = [Math.max(left, 0), Math.max(top, 0), Math.min(right, width), Math.min(bottom, height)];
  return close[0] < close[2] && close[1] < close[3] ? close : [0, 0, width, height];
}

function drawImage() {
  const {context, width, height} = prepare(byId('image-canvas'));
  const people = present(), number = pictureFor(Math.floor(show.frame));
  const box = imageBox(number);
  if (!(box[2] > box[0])) return;
  const size = Math.min(width / (box[2] - box[0]), height / (box[3] - box[1]));
  const left = (width - size * (box[2] - box[0])) / 2, top = (height - size * (box[3] - box[1])) / 2;
  const place = ([x, y]) => [left + size * (x - box[0]), top + size * (y - box[1])];
  if (number >= 0) {
    const image = pictureOf(number);
    const {width: wide, height: tall} = header.pictures[number], [x, y] = place([0, 0]);
    context.save();
    context.beginPath();
    context.rect(left, top, size * (box[2] - box[0]), size * (box[3] - box[1]));
    context.clip();
    if (image.complete && image.naturalWidth > 0) context.drawImage(image, x, y, size * wide, size * tall);
    context.restore();
    // The next ones are decoded while this one is looked at.
    for (let next = number + 1; show.playing && next < Math.min(number + 12, pictures.length); ++next) pictureOf(next);
  }
  for (const {track, pose} of people) {
    const at = Array.from({length: joints}, (_, joint) => place(keypointOf(track, pose, joint)));
    const seen = (joint) => stateOf(track, pose, joint) !== GUESSED;
    for (const [parent, child] of header.bones) {
      if (!seen(parent) || !seen(child)) continue;
      line(context, at[parent], at[child], '#fffc', 4.5);
      line(context, at[parent], at[child], boneColor(header.joints[child]), 2.5);
    }
    let highest = null;
    at.forEach((point, joint) => {
      if (!seen(joint)) return;
      dot(context, point, 3.5, stateOf(track, pose, joint));
      if (!highest || point[1] < highest[1]) highest = point;
    });
    if (highest && show.chosen.size > 1) label(context, shortNameOf(track), highest[0], highest[1] - 9, track.color);
  }
}

// --- Over time -----------------------------------------------------------------------------------------------------

const TIME_LEFT = 52, TIME_RIGHT = 8, TIME_TOP = 18, STRIP = 8;
let timePicture = null;

const timeX = (frame, width) => TIME_LEFT + (width - TIME_LEFT - TIME_RIGHT) * (frames > 1 ? frame / (frames - 1) : 0.5);

/** The curves, drawn anew only when the choice or the size changes. */
function drawCurves(canvas, width, height) {
  timePicture = document.createElement('canvas');
  timePicture.width = canvas.width;
  timePicture.height = canvas.height;
  const context = timePicture.getContext('2d');
  context.scale(canvas.width / width, canvas.height / height);
  context.font = '11px system-ui, sans-serif';
  const bottom = height - STRIP - 8, chosen = chosenTracks();
  const values = chosen.flatMap((track) => Array.from(track.plausibility).filter(Number.isFinite));
  const least = quantile(values, 0.01), most = quantile(values, 0.995);
  label(context, values.length ? 'plausibility (nats a dimension)' : 'plausibility is not known: the run has no flows',
        TIME_LEFT + 8, 12, GREY, 'left');
  label(context, 'guessed', TIME_LEFT - 5, height - 2, STATES[GUESSED].color, 'right');
  const y = (value) => bottom - (bottom - TIME_TOP) * clamp((value - least) / (most - least || 1), 0, 1);
  if (values.length) {
    for (const value of most > least ? [least, most] : [most]) {
      line(context, [TIME_LEFT, y(value)], [width - TIME_RIGHT, y(value)], FAINT, 1);
      label(context, value.toFixed(2), TIME_LEFT - 5, y(value) + 4, GREY, 'right');
    }
  }
  const guessed = new Uint8Array(frames);
  for (const track of chosen) {
    context.strokeStyle = track.color;
    context.lineWidth = 1.3;
    context.beginPath();
    for (let pose = 0, before = -2; pose < track.poses; ++pose) {
      const frame = track.frame[pose], value = track.plausibility[pose];
      let count = 0;
      for (let joint = 0; joint < joints; ++joint) count += stateOf(track, pose, joint) === GUESSED;
      guessed[frame] = Math.max(guessed[frame], count);
      if (!Number.isFinite(value)) continue;
      const x = timeX(frame, width);
      if (frame === before + 1) context.lineTo(x, y(value));
      else context.moveTo(x, y(value));
      if (frame !== before + 1 && track.frame[pose + 1] !== frame + 1) context.lineTo(x + 1, y(value));
      before = frame;
    }
    context.stroke();
  }
  context.fillStyle = '#e9ebef';
  context.fillRect(TIME_LEFT, height - STRIP - 2, width - TIME_LEFT - TIME_RIGHT, STRIP);
  context.fillStyle = STATES[GUESSED].color;
  const step = Math.max((width - TIME_LEFT - TIME_RIGHT) / Math.max(frames - 1, 1), 1);
  for (let frame = 0; frame < frames; ++frame) {
    if (guessed[frame] === 0) continue;
    const tall = STRIP * clamp(guessed[frame] / 6, 0.3, 1);
    context.fillRect(timeX(frame, width) - step / 2, height - 2 - tall, step, tall);
  }
}

function drawTime() {
  const canvas = byId('time-canvas'), {context, width, height} = prepare(canvas);
  if (timeStale || !timePicture || timePicture.width !== canvas.width || timePicture.height !== canvas.height) {
    drawCurves(canvas, width, height);
    timeStale = false;
  }
  context.drawImage(timePicture, 0, 0, width, height);
  const x = timeX(Math.floor(show.frame), width);
  line(context, [x, 2], [x, height - 2], INK, 1.5);
  context.fillStyle = INK;
  context.beginPath();
  context.arc(x, 4, 4, 0, 2 * Math.PI);
  context.fill();
}

// --- Words ---------------------------------------------------------------------------------------------------------

function describe() {
  const frame = Math.floor(show.frame), people = present();
  const image = header.images ? header.images[frame] : '';
  byId('now').textContent = `frame ${header.index[frame]} (${frame + 1} of ${frames})` + (image ? `, image ${image}` : '');
  for (const track of tracks) {
    if (!track.detail) continue;
    const found = people.find((person) => person.track === track);
    if (!show.chosen.has(track)) { track.detail.textContent = ''; continue; }
    if (!found) { track.detail.textContent = 'no pose in this frame'; continue; }
    const names = [[], [], []];
    for (let joint = 0; joint < joints; ++joint) names[stateOf(track, found.pose, joint)].push(header.joints[joint]);
    const value = track.plausibility[found.pose];
    track.detail.textContent = [
      Number.isFinite(value) ? `plausibility ${value.toFixed(2)}` : '',
      names[1].length ? `${names[1].length} on their rays` : '',
      names[2].length ? `guessed: ${names[2].join(', ')}` : ''].filter(Boolean).join('; ');
  }
  const seen = people.map(({track, pose}) =>
      Array.from({length: joints}, (_, joint) => stateOf(track, pose, joint)).filter((state) => state !== GUESSED).length);
  const number = pictureFor(frame), of = number < 0 ? frame : header.pictures[number].frame;
  const shown = of === frame ? '' : `picture of frame ${header.index[of]}; `;
  byId('image-note').textContent = shown + (seen.length > 3 ? `${seen.length} people`
      : seen.length ? `${seen.join(', ')} of ${joints} joints seen` : 'none of the chosen is here');
  const slider = byId('time-canvas');
  slider.setAttribute('aria-valuenow', frame);
  slider.setAttribute('aria-valuetext', `frame ${header.index[frame]}`);
}

// --- Time ----------------------------------------------------------------------------------------------------------

function goTo(frame) {
  show.frame = clamp(frame, 0, frames - 1);
  redraw();
}

function play(on) {
  show.playing = on && frames > 1;
  if (show.playing && show.frame >= frames - 1) show.frame = 0;
  byId('play').dataset.playing = show.playing;
  byId('play').setAttribute('aria-label', show.playing ? 'Pause' : 'Play');
  redraw();
}

function step(count) {
  play(false);
  goTo(Math.floor(show.frame) + count);
}

let earlier = null;
function tick(now) {
  const seconds = earlier === null ? 0 : Math.min((now - earlier) / 1000, 0.25);
  earlier = now;
  if (show.playing) {
    const before = Math.floor(show.frame);
    show.frame += seconds * header.fps * show.speed;
    if (show.frame >= frames) show.frame -= frames * Math.floor(show.frame / frames);
    if (Math.floor(show.frame) !== before) stale = true;
  }
  if (show.spinning) {
    show.yaw += seconds * 2 * Math.PI / TURN_SECONDS;
    stale = true;
  }
  if (stale) {
    stale = false;
    drawSpace();
    drawImage();
    drawTime();
    describe();
    ++show.drawn;
  }
  requestAnimationFrame(tick);
}

// --- Hands and keys ------------------------------------------------------------------------------------------------

function setView(name) {
  [show.yaw, show.pitch] = VIEWS[name];
  spin(false);
}

function spin(on) {
  show.spinning = on;
  byId('spin').setAttribute('aria-pressed', on);
  redraw();
}

function wholePicture(on) {
  show.whole = on;
  byId('whole').setAttribute('aria-pressed', on);
  redraw();
}

function zoom(factor) {
  show.zoom = clamp(show.zoom * factor, 0.2, 12);
  redraw();
}

function changeSpeed(by) {
  const select = byId('speed');
  select.selectedIndex = clamp(select.selectedIndex + by, 0, select.options.length - 1);
  show.speed = Number(select.value);
}

function listenToTime(canvas) {
  const scrub = (event) => {
    const area = canvas.getBoundingClientRect(), wide = area.width - TIME_LEFT - TIME_RIGHT;
    goTo(Math.round(clamp((event.clientX - area.left - TIME_LEFT) / wide, 0, 1) * (frames - 1)));
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    play(false);
    scrub(event);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (event.buttons & 1) scrub(event);
  });
}

function listenToKeys() {
  const far = (event) => (event.shiftKey ? 10 : 1);
  const keys = {
    ' ': () => play(!show.playing), 'ArrowLeft': (event) => step(-far(event)), 'ArrowRight': (event) => step(far(event)),
    'Home': () => goTo(0), 'End': () => goTo(frames - 1), '+': () => zoom(1.2), '=': () => zoom(1.2),
    '-': () => zoom(1 / 1.2), '[': () => changeSpeed(-1), ']': () => changeSpeed(1), 'c': () => setView('camera'),
    's': () => setView('side'), 'w': () => wholePicture(!show.whole), 't': () => setView('top'), 'r': () => spin(!show.spinning)};
  window.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // What has the focus keeps its own keys.
    if (event.target.closest('select, summary') || (event.key === ' ' && event.target.closest('button, input'))) return;
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!act) return;
    event.preventDefault();
    act(event);
  });
}

/** After another choice of people. */
function choose() {
  for (const track of tracks) track.input.checked = show.chosen.has(track);
  arranged = arrange();
  keypointsBox = keypointBox();
  byId('space-note').textContent = arranged.alone ? ''
      : 'Side by side as in the image; how far each is from the camera is not known.';
  redraw(true);
}

function listPeople() {
  for (const track of tracks) {
    const item = document.createElement('li'), row = document.createElement('label');
    const input = document.createElement('input'), chip = document.createElement('span');
    const name = document.createElement('span'), count = document.createElement('span');
    const detail = document.createElement('div');
    input.type = 'checkbox';
    input.addEventListener('change', () => {
      if (input.checked) show.chosen.add(track); else show.chosen.delete(track);
      choose();
    });
    chip.className = 'chip';
    chip.style.background = track.color;
    name.className = 'name';
    name.textContent = name.title = nameOf(track);
    count.className = 'count';
    count.textContent = track.poses === 1 ? '1 frame' : `${track.poses} frames`;
    detail.className = 'detail';
    row.append(input, chip, name, count);
    item.append(row, detail);
    byId('people').append(item);
    Object.assign(track, {input, detail});
  }
  byId('all').addEventListener('click', () => { show.chosen = new Set(tracks); choose(); });
  byId('none').addEventListener('click', () => { show.chosen = new Set(); choose(); });
}

function listColors() {
  const sample = (inside, text) => {
    const item = document.createElement('li');
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    svg.setAttribute('width', 22);
    svg.setAttribute('height', 16);
    for (const [name, attributes] of inside) {
      const shape = document.createElementNS('http://www.w3.org/2000/svg', name);
      for (const [key, value] of Object.entries(attributes)) shape.setAttribute(key, value);
      svg.append(shape);
    }
    item.append(svg, text);
    byId('legend').append(item);
  };
  for (const {name, what, color, hollow} of STATES) {
    const shape = {cx: 11, cy: 8, r: 5, fill: hollow ? '#fff' : color, stroke: color, 'stroke-width': 2};
    sample([['circle', shape]], `${name}: ${what}`);
  }
  if (tracks.some((track) => track.spread.some((radius) => radius > 0))) {
    const shape = {cx: 11, cy: 8, r: 8, fill: INK, 'fill-opacity': 0.15};
    sample([['circle', shape]], 'spread: holds 68 % of true joints');
  }
  for (const [color, text] of [[LEFT, 'left side'], [RIGHT, 'right side'], [INK, 'middle']]) {
    sample([['line', {x1: 1, x2: 21, y1: 8, y2: 8, stroke: color, 'stroke-width': 4}]], text);
  }
}

function start() {
  document.title = `${header.title}: lifted poses`;
  byId('title').textContent = header.title;
  byId('source').textContent = header.source;
  listPeople();
  listColors();
  show.chosen = new Set(tracks.slice(0, tracks.length > 8 ? 1 : 8));
  choose();
  byId('time-canvas').setAttribute('aria-valuemax', frames - 1);
  byId('first').addEventListener('click', () => goTo(0));
  byId('back').addEventListener('click', () => step(-1));
  byId('next').addEventListener('click', () => step(1));
  byId('play').addEventListener('click', () => play(!show.playing));
  byId('whole').hidden = !pictures.length;
  byId('whole').addEventListener('click', () => wholePicture(!show.whole));
  byId('spin').addEventListener('click', () => spin(!show.spinning));
  byId('speed').addEventListener('change', () => changeSpeed(0));
  for (const button of document.querySelectorAll('[data-view]')) {
    button.addEventListener('click', () => setView(button.dataset.view));
  }
  listenToView(byId('space-canvas'), show, () => redraw(), () => spin(false));
  listenToTime(byId('time-canvas'));
  listenToKeys();
  new ResizeObserver(() => redraw(true)).observe(document.body);
  window.addEventListener('resize', () => redraw(true));
  requestAnimationFrame(tick);
}

start();
