'use strict';
// Skeletons in 3D to turn, for pages: `view` is an object {yaw, pitch, zoom} (radians).

const LEFT = '#d55e00', RIGHT = '#0072b2', INK = '#33343a', GREY = '#8a8e96', FAINT = '#dcdfe5';
const STATES = [
  {name: 'lifted', what: 'seen, lifted by the networks', color: '#33343a', hollow: false},
  {name: 'ray', what: 'seen, its depth completed', color: '#009e73', hollow: false},
  {name: 'guessed', what: 'not seen', color: '#a03c8c', hollow: true}];
const GUESSED = 2;
const VIEWS = {camera: [0, 0], side: [Math.PI / 2, 0], top: [0, Math.PI / 2], start: [0.5, 0.2]};
const EYE = 9;  // units from the eye to the middle of the 3D view


const byId = (id) => document.getElementById(id);
const clamp = (value, least, most) => Math.min(Math.max(value, least), most);

const ARRAYS = {uint32: Uint32Array, float32: Float32Array, int16: Int16Array, uint8: Uint8Array};

function bytesOf(base64) {
  const text = atob(base64), bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; ++i) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}

/** A canvas as sharp as the screen; -> its context and its size in CSS pixels. */
function prepare(canvas) {
  const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext('2d');
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  context.lineCap = 'round';
  context.font = '12px system-ui, sans-serif';
  return {context, width, height};
}

function line(context, from, to, color, width, dash = []) {
  context.setLineDash(dash);
  context.strokeStyle = color;
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(from[0], from[1]);
  context.lineTo(to[0], to[1]);
  context.stroke();
  context.setLineDash([]);
}

function dot(context, at, radius, state) {
  const {color, hollow} = STATES[state];
  context.beginPath();
  context.arc(at[0], at[1], radius, 0, 2 * Math.PI);
  context.fillStyle = hollow ? '#fff' : color;
  context.fill();
  context.lineWidth = hollow ? 2 : 1;
  context.strokeStyle = hollow ? color : '#fff';
  context.stroke();
}

function disc(context, at, radius, color) {
  context.globalAlpha = 0.1;
  context.beginPath();
  context.arc(at[0], at[1], radius, 0, 2 * Math.PI);
  context.fillStyle = color;
  context.fill();
  context.globalAlpha = 1;
}

function label(context, text, x, y, color, align = 'center') {
  context.textAlign = align;
  context.lineWidth = 3;
  context.strokeStyle = '#fffc';
  context.strokeText(text, x, y);
  context.fillStyle = color;
  context.fillText(text, x, y);
}

/** Of the bone that ends at the joint of this name. */
function boneColor(name) {
  return name[0] === 'L' ? LEFT : name[0] === 'R' ? RIGHT : INK;
}

/** -> a function from units (y = 0 on the floor, down) to [x, y, depth, size of a unit] on the canvas. room: what
 * stands there, {reach, height}: how far to both sides of the middle, and how tall. */
function projector(view, room, width, height) {
  const {reach, height: tall} = room;
  const fit = Math.min(height / (1.35 * tall), width / (2 * reach + 1.1 * tall)) * view.zoom;
  const eye = Math.max(EYE, 3 * reach);
  const sinYaw = Math.sin(view.yaw), cosYaw = Math.cos(view.yaw);
  const sinPitch = Math.sin(view.pitch), cosPitch = Math.cos(view.pitch);
  return ([x, y, z]) => {
    const up = y + tall / 2;
    const turnedX = cosYaw * x + sinYaw * z, turnedZ = cosYaw * z - sinYaw * x;
    const down = cosPitch * up - sinPitch * turnedZ, depth = cosPitch * turnedZ + sinPitch * up;
    const size = fit * eye / Math.max(eye + depth, eye / 4);
    return [width / 2 + size * turnedX, height / 2 + size * down, depth, size];
  };
}

function drawFloor(context, project, view, room, width) {
  const half = Math.ceil(room.reach + 1.5);
  for (let i = -half; i <= half; ++i) {
    const color = i === 0 ? '#c9cdd5' : FAINT;
    line(context, project([i, 0, -half]), project([i, 0, half]), color, 1);
    line(context, project([-half, 0, i]), project([half, 0, i]), color, 1);
  }
  const tip = project([0, 0, -half - 0.1]), left = project([-0.16, 0, -half - 0.4]);
  const right = project([0.16, 0, -half - 0.4]), below = project([0, 0, -half - 0.55]);
  context.fillStyle = GREY;
  context.beginPath();
  context.moveTo(tip[0], tip[1]);
  context.lineTo(left[0], left[1]);
  context.lineTo(right[0], right[1]);
  context.fill();
  if (Math.abs(view.pitch) > 0.05 || Math.abs(Math.sin(view.yaw)) > 0.2) {
    label(context, 'camera', clamp(below[0], 26, width - 26), below[1] + 10, GREY);
  }
}

/** What draws a skeleton, as {depth, draw} to be sorted by depth. at: the joints as a projector gives them; states: one
 * of STATES a joint; spread: of a joint the radius that holds 68 % of true ones, units, 0 = not known. */
function skeletonParts(context, at, bones, names, states, spread = () => 0) {
  const parts = [];
  const nearest = at.map((point) => point[2]);  // a joint is drawn over its own bones
  for (const [parent, child] of bones) {
    const depth = (at[parent][2] + at[child][2]) / 2;
    for (const joint of [parent, child]) nearest[joint] = Math.min(nearest[joint], depth);
    const size = (at[parent][3] + at[child][3]) / 2;
    parts.push({depth, draw() {
      const unseen = states[parent] === GUESSED || states[child] === GUESSED, thick = clamp(0.055 * size, 2, 9);
      line(context, at[parent], at[child], '#fff', thick + 2.5);
      line(context, at[parent], at[child], boneColor(names[child]), thick, unseen ? [0.5, 1.8 * thick] : []);
    }});
  }
  at.forEach((point, joint) => parts.push({depth: nearest[joint] + 2, draw() {
    const radius = spread(joint) * point[3];
    if (radius > 0) disc(context, point, radius, STATES[states[joint]].color);
  }}));
  at.forEach((point, joint) => parts.push({depth: nearest[joint] - 0.01, draw() {
    dot(context, point, clamp(0.05 * point[3], 3, 8), states[joint]);
  }}));
  return parts;
}

function drawParts(parts) {
  parts.sort((a, b) => b.depth - a.depth);
  for (const part of parts) part.draw();
}

/** Dragging turns the view, the wheel and two fingers zoom; changed() follows. */
function listenToView(canvas, view, changed, grabbed = () => {}) {
  const zoom = (factor) => {
    view.zoom = clamp(view.zoom * factor, 0.2, 12);
    changed();
  };
  const pointers = new Map();
  const apart = () => {
    const [a, b] = [...pointers.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };
  canvas.addEventListener('pointerdown', (event) => {
    canvas.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, {x: event.clientX, y: event.clientY});
    grabbed();
  });
  canvas.addEventListener('pointermove', (event) => {
    const pointer = pointers.get(event.pointerId);
    if (!pointer) return;
    const before = pointers.size === 2 ? apart() : 0;
    const moved = [event.clientX - pointer.x, event.clientY - pointer.y];
    Object.assign(pointer, {x: event.clientX, y: event.clientY});
    if (pointers.size === 2) {
      if (before > 0) zoom(apart() / before);
      return;
    }
    view.yaw -= moved[0] * 0.01;
    view.pitch = clamp(view.pitch + moved[1] * 0.01, -Math.PI / 2, Math.PI / 2);
    changed();
  });
  for (const end of ['pointerup', 'pointercancel']) {
    canvas.addEventListener(end, (event) => pointers.delete(event.pointerId));
  }
  canvas.addEventListener('wheel', (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * 0.0015));
  }, {passive: false});
}
