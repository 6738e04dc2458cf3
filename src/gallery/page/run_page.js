// What a page of `links report --html` does: shows what was evaluated of a run or of several. Every number is one of the
// evaluations' JSON; the error browser's poses are those that were scored.

const page = JSON.parse(byId('page').textContent);
const runs = page.runs;
const COLORS = ['#0072b2', '#d55e00', '#33343a', '#b07800', '#a0527f', '#3d8fb8'];
const DASHES = ['', '6 3', '2 2', '', '9 2', '4 2'];
const METRICS = [['pa_mpjpe_reflection', 'PA-MPJPE (reflection allowed)'], ['n_mpjpe', 'N-MPJPE (norm scale)'],
                 ['pa_mpjpe', 'PA-MPJPE (no reflection)'], ['n_mpjpe_lsq', 'N-MPJPE (least squares)'], ['mpjpe', 'MPJPE'],
                 ['n_pck', 'N-PCK'], ['n_auc', 'N-AUC']];
const HIGHER = new Set(['n_pck', 'n_auc']);

const number = (value, digits = 1) =>
    value === null || value === undefined || !Number.isFinite(value) ? '\u2013' : value.toFixed(digits).replace('-', '\u2212');
const words = (text) => text.replaceAll('_', ' ');

/** An element; children are elements or text. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

function shape(tag, attributes, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function addSection(id, title, ...children) {
  if (!children.flat().length) return null;
  const section = make('section', {id}, make('h2', {}, title), ...children.flat());
  byId('main').append(section);
  byId('contents').append(make('a', {href: '#' + id}, title));
  return section;
}

/** A table whose columns can be sorted by; rows: {cells: [{text, value, class}], class}. */
function sortable(titles, rows) {
  const body = make('tbody');
  const fill = (list) => body.replaceChildren(...list.map(
      (row) => make('tr', {class: row.class || null, ...(row.attributes || {})},
                    ...row.cells.map((cell) => make('td', {class: cell.class || null}, cell.text)))));
  let by = -1, down = false;
  const sort = (column) => {
    down = by === column && !down;
    by = column;
    const sorted = [...rows].sort((a, b) => {
      const x = a.cells[column].value ?? Infinity, y = b.cells[column].value ?? Infinity;
      return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
    });
    fill(sorted);
  };
  fill(rows);
  const head = make('tr', {}, ...titles.map((title, column) =>
      make('th', {class: title.words ? 'words' : null},
           make('button', {type: 'button', title: 'Sort', onclick: () => sort(column)}, title.text))));
  return make('div', {class: 'scroll'}, make('table', {}, make('thead', {}, head), body));
}

// --- Charts --------------------------------------------------------------------------------------------------------

function ticksOf(low, high, about) {
  if (!(high > low)) { low -= Math.abs(low) * 0.1 || 1; high += Math.abs(high) * 0.1 || 1; }
  const rough = (high - low) / about, power = 10 ** Math.floor(Math.log10(rough)), lead = rough / power;
  const step = power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
  const first = Math.floor(low / step + 1e-9), last = Math.ceil(high / step - 1e-9);
  return Array.from({length: last - first + 1}, (_, i) => (first + i) * step);
}
const tick = (value) => String(Number(value.toPrecision(6))).replace('-', '\u2212');

/** Curves {name, x, y} or, with dots, points. */
function chart({title, x_label, y_label, curves, dots = false, pick = null}) {
  const W = 380, H = 220, L = 52, R = 14, T = 10, B = 38;
  const finite = (list) => list.filter((value) => value !== null && Number.isFinite(value));
  const xs = ticksOf(Math.min(...curves.map((c) => Math.min(...finite(c.x)))), Math.max(...curves.map((c) => Math.max(...finite(c.x)))), 6);
  const ys = ticksOf(Math.min(...curves.map((c) => Math.min(...finite(c.y)))), Math.max(...curves.map((c) => Math.max(...finite(c.y)))), 5);
  const X = (x) => L + (W - L - R) * (x - xs[0]) / (xs.at(-1) - xs[0]), Y = (y) => H - B - (H - T - B) * (y - ys[0]) / (ys.at(-1) - ys[0]);
  const svg = shape('svg', {class: 'chart', viewBox: `0 0 ${W} ${H}`, role: 'img', 'aria-label': title});
  for (const y of ys) {
    svg.append(shape('line', {x1: L, x2: W - R, y1: Y(y), y2: Y(y), stroke: '#dcdfe5'}),
               shape('text', {x: L - 5, y: Y(y) + 4, 'text-anchor': 'end'}, tick(y)));
  }
  svg.append(shape('line', {x1: L, x2: W - R, y1: H - B, y2: H - B, stroke: INK}));
  for (const x of xs) {
    svg.append(shape('line', {x1: X(x), x2: X(x), y1: H - B, y2: H - B + 4, stroke: INK}),
               shape('text', {x: X(x), y: H - B + 15, 'text-anchor': 'middle'}, tick(x)));
  }
  svg.append(shape('text', {x: (L + W - R) / 2, y: H - 6, 'text-anchor': 'middle'}, x_label),
             shape('text', {x: 11, y: (T + H - B) / 2, 'text-anchor': 'middle', transform: `rotate(-90 11 ${(T + H - B) / 2})`}, y_label));
  curves.forEach((curve, i) => {
    const style = curve.style ?? i, color = COLORS[style % COLORS.length];
    if (dots) {
      // A path holds many dots, which draws fast; those of different paths add up where they lie close.
      const paths = Array.from({length: 40}, () => []);
      curve.x.forEach((x, k) => {
        if (x !== null && curve.y[k] !== null) paths[k % 40].push(`M${X(x).toFixed(1)} ${Y(curve.y[k]).toFixed(1)}h0`);
      });
      for (const path of paths) {
        svg.append(shape('path', {d: path.join(''), stroke: color, 'stroke-width': 1.8, 'stroke-linecap': 'round', 'stroke-opacity': 0.35}));
      }
      return;
    }
    const points = curve.x.map((x, k) => [x, curve.y[k]]).filter(([x, y]) => x !== null && y !== null);
    svg.append(shape('polyline', {points: points.map(([x, y]) => `${X(x).toFixed(1)},${Y(y).toFixed(1)}`).join(' '), fill: 'none',
                                  stroke: color, 'stroke-width': 1.8, 'stroke-dasharray': DASHES[style % DASHES.length]}));
    if (points.length === 1) svg.append(shape('circle', {cx: X(points[0][0]), cy: Y(points[0][1]), r: 2.5, fill: color}));
  });
  if (pick) {
    svg.style.cursor = 'crosshair';
    svg.addEventListener('click', (event) => {
      const box = svg.getBoundingClientRect(), px = (event.clientX - box.left) * W / box.width, py = (event.clientY - box.top) * H / box.height;
      let best = -1, least = Infinity;
      curves[0].x.forEach((x, k) => {
        if (x === null || curves[0].y[k] === null) return;
        const far = (X(x) - px) ** 2 + (Y(curves[0].y[k]) - py) ** 2;
        if (far < least) { least = far; best = k; }
      });
      if (best >= 0) pick(best);
    });
  }
  const legend = curves.filter((curve) => curve.name).length > 1
      ? make('div', {class: 'legend'}, ...curves.map((curve, i) => make('span', {},
          shape('svg', {width: 22, height: 8}, shape('line', {x1: 0, x2: 22, y1: 4, y2: 4, stroke: COLORS[(curve.style ?? i) % COLORS.length],
                'stroke-width': 2, 'stroke-dasharray': DASHES[(curve.style ?? i) % DASHES.length]})), curve.name)))
      : '';
  return make('figure', {}, make('figcaption', {}, title), svg, legend);
}

function bars(title, entries) {
  const most = Math.max(...entries.map(([, value]) => value ?? 0)), wide = 90;
  return make('figure', {}, make('figcaption', {}, title), make('div', {class: 'tall'},
      make('table', {class: 'bars'}, ...entries.map(([name, value, poses]) => make('tr', {}, make('td', {class: 'words'}, name),
          make('td', {class: 'words'}, shape('svg', {width: wide, height: 10}, shape('rect', {width: wide * (value ?? 0) / most, height: 10, fill: '#56b4e9'}))),
          make('td', {title: poses === undefined ? '' : `${poses} poses`}, number(value)))))));
}

// --- Several runs --------------------------------------------------------------------------------------------------

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
const deviation = (values) => {
  if (values.length < 2) return null;
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1));
};

/** Runs that differ only in the seed. */
const groups = [];
for (const run of runs) {
  const key = `${run.key} ${run.protocol} ${run.poses}`;
  let group = groups.find((other) => other.key === key);
  if (!group) groups.push(group = {key, runs: []});
  group.runs.push(run);
}
for (const group of groups) {
  group.name = group.runs[0].name;
  const alike = groups.filter((other) => other.runs[0].name === group.runs[0].name);
  if (alike.length > 1) group.name += ` (${group.runs[0].path})`;
}
const rowKey = (row) => `${row.composition}|${row.scenario}|${row.filler}|${row.joints}`;
const rowName = (row) => row.scenario === 'none' ? words(row.composition)
    : `${words(row.scenario)}, ${row.filler}` + (row.joints === 'all' ? '' : `, ${row.joints} joints`);
const resultOf = (run, key) => run.results.find((row) => rowKey(row) === key);

/** A metric of a row over the seeds of a group: {mean, deviation, count}; null unless every seed has it. */
function over(group, key, metric) {
  const values = group.runs.map((run) => resultOf(run, key)?.[metric] ?? null);
  if (values.some((value) => value === null)) return null;
  return {mean: mean(values), deviation: deviation(values), count: values.length};
}
const plusMinus = (value) => !value ? '\u2013' : number(value.mean) + (value.deviation === null ? '' : ` \u00b1 ${number(value.deviation)}`);

function allKeys() {
  const keys = new Map();
  for (const run of runs) for (const row of run.results) if (!keys.has(rowKey(row))) keys.set(rowKey(row), rowName(row));
  return keys;
}

function addSweep() {
  if (runs.length < 2) return;
  const keys = allKeys();
  const select = make('select', {'aria-label': 'Row'}, ...[...keys].map(([key, name]) => make('option', {value: key}, name)));
  const first = [...keys.keys()].find((key) => key.startsWith('legs_torso|none')) ?? [...keys.keys()][0];
  select.value = first;
  const place = make('div');
  const fill = () => {
    const rows = groups.map((group) => ({cells: [{text: group.name, value: group.name, class: 'words'},
      {text: String(group.runs.length), value: group.runs.length},
      ...METRICS.map(([metric]) => { const value = over(group, select.value, metric); return {text: plusMinus(value), value: value?.mean}; })]}));
    place.replaceChildren(sortable([{text: 'run', words: true}, {text: 'seeds'}, ...METRICS.map(([, text]) => ({text}))], rows));
  };
  select.addEventListener('change', fill);
  fill();
  const choose = (at) => {
    const list = make('select', {}, ...groups.map((group, i) => make('option', {value: i}, group.name)));
    list.value = Math.min(at, groups.length - 1);
    return list;
  };
  const a = choose(0), b = choose(1), metric = make('select', {}, ...METRICS.map(([key, text]) => make('option', {value: key}, text)));
  const compared = make('div');
  const compare = () => {
    const [left, right] = [groups[a.value], groups[b.value]];
    const sign = HIGHER.has(metric.value) ? -1 : 1;
    const rows = [...keys].map(([key, name]) => {
      const x = over(left, key, metric.value), y = over(right, key, metric.value);
      if (!x || !y) return null;
      const change = y.mean - x.mean;
      const spread = x.deviation === null || y.deviation === null ? null
          : Math.sqrt(x.deviation ** 2 / x.count + y.deviation ** 2 / y.count);
      const sure = spread !== null && Math.abs(change) > 2 * spread;
      return {cells: [{text: name, value: name, class: 'words'}, {text: plusMinus(x), value: x.mean}, {text: plusMinus(y), value: y.mean},
        {text: (change > 0 ? '+' : '') + number(change), value: change, class: sure ? (sign * change < 0 ? 'better' : 'worse') : null},
        {text: spread === null ? '\u2013' : number(spread), value: spread}]};
    }).filter(Boolean);
    compared.replaceChildren(sortable([{text: 'what', words: true}, {text: 'first'}, {text: 'second'}, {text: 'difference'},
                                       {text: 'its standard error'}], rows));
  };
  for (const list of [a, b, metric]) list.addEventListener('change', compare);
  compare();
  addSection('sweep', `${groups.length} configurations, ${runs.length} runs`,
      make('div', {class: 'row'}, 'Figures of', select), place,
      make('p', {class: 'note'}, 'Runs that differ only in the seed are one row: mean \u00b1 standard deviation. Click a title to sort.'),
      groups.length < 2 ? [] : [make('h3', {}, 'Two compared'), make('div', {class: 'row'}, a, 'and', b, 'in', metric), compared,
      make('p', {class: 'note'}, 'Second minus first. Coloured where the difference is more than twice its standard error, from the deviations of the seeds.')]);
}

// --- One run -------------------------------------------------------------------------------------------------------

let shown = runs[0];
const follow = [];  // what to draw anew when another run is chosen

/** A place that is filled anew for the chosen run. */
function ofRun(fill) {
  const place = make('div');
  const again = () => place.replaceChildren(...[fill(shown)].flat().filter((child) => child !== null && child !== ''));
  follow.push(again);
  again();
  return place;
}

function chooser() {
  if (runs.length < 2) return '';
  const list = make('select', {'aria-label': 'Run'}, ...runs.map((run, i) => make('option', {value: i}, `${run.name}, seed ${run.seed} (${run.path})`)));
  list.addEventListener('change', () => {
    shown = runs[list.value];
    for (const again of follow) again();
  });
  return make('div', {class: 'row'}, 'Below:', list);
}

function definitions(object) {
  return make('div', {class: 'scroll'}, make('table', {}, ...Object.entries(object).map(([name, value]) =>
      make('tr', {}, make('td', {class: 'words'}, name), make('td', {class: 'words'}, value)))));
}

function addRun() {
  addSection('run', 'Run and data', chooser(), ofRun((run) => [
    definitions({run: run.name, ...(run.seed === null ? {} : {seed: String(run.seed)}), evaluation: run.path, poses: String(run.poses), protocol: run.protocol, ...run.settings}),
    make('h3', {}, 'What could be wrong'),
    ...(run.suspicions.length ? run.suspicions.map((text) => make('p', {class: 'warning'}, text))
        : [make('p', {}, 'Nothing found of: mirrored depth, errors that still fall, likelihood without bound, degenerate poses, no better than flat.')])]));
  addSection('configuration', 'Configuration', ofRun((run) => run.differences.length
      ? [make('p', {}, 'What is not as in the paper (configs/paper.yaml); everything else is.'),
         sortable([{text: 'setting', words: true}, {text: 'this run', words: true}, {text: 'paper', words: true}],
           run.differences.map(([name, value, paper]) => ({cells: [name, value, paper || '\u2013'].map((text) => ({text, value: text, class: 'words'}))})))]
      : make('p', {}, 'As in the paper, or the run\u2019s configuration is not there.')));
  addSection('training', 'Training', ofRun((run) => run.curves.length ? make('div', {class: 'charts'}, ...run.curves.map(chart))
      : make('p', {}, 'The run has no metrics.jsonl.')));
}

function addTables() {
  for (const table of page.tables) {
    const body = make('tbody');
    let section = null;
    for (const row of table.rows) {
      if (row.section !== section) body.append(make('tr', {class: 'section'}, make('td', {colspan: 5 + table.columns.length}, section = row.section)));
      body.append(make('tr', {class: row.published ? null : 'ours'}, ...[row.method, row.data_set, row.lifters, row.filler, row.supervision].map(
          (text) => make('td', {class: 'words'}, text ?? '')),
          ...table.columns.map(({key}) => {
            const cell = row.values[key] ?? {};
            const text = number(cell.mean) + (Number.isFinite(cell.deviation) ? ` \u00b1 ${number(cell.deviation)}` : '');
            return make('td', {class: cell.best ? 'best' : null}, text);
          })));
    }
    const head = make('tr', {}, ...['method', 'data set', 'lifters', 'filler', 'supervision'].map((text) => make('th', {class: 'words'}, text)),
                      ...table.columns.map(({title}) => make('th', {}, title.replace('\n', ' '))));
    addSection('table' + table.table, 'Table ' + table.table, make('p', {}, table.title),
        make('div', {class: 'scroll'}, make('table', {}, make('thead', {}, head), body)),
        ...(table.notes ?? []).map((text) => make('p', {class: 'note'}, text)));
  }
}

const BODY = [[0, .48], [-.11, .48], [-.13, .72], [-.14, .97], [.11, .48], [.13, .72], [.14, .97], [0, .35], [0, .22], [0, .13], [0, .03],
              [.16, .22], [.34, .31], [.5, .40], [-.16, .22], [-.34, .31], [-.5, .40]];
function body(title, errors) {
  const most = Math.max(...errors.map((value) => value ?? 0)), size = 230, at = ([x, y]) => [190 + 1.25 * size * x, 16 + size * y];
  const svg = shape('svg', {class: 'chart', viewBox: '0 0 380 270', role: 'img', 'aria-label': title});
  for (const [parent, child] of page.bones) {
    const [x1, y1] = at(BODY[parent]), [x2, y2] = at(BODY[child]);
    svg.append(shape('line', {x1, y1, x2, y2, stroke: '#dcdfe5', 'stroke-width': 5, 'stroke-linecap': 'round'}));
  }
  errors.forEach((error, joint) => {
    const [x, y] = at(BODY[joint]), r = 14 * Math.sqrt((error ?? 0) / (most || 1)), left = BODY[joint][0] < 0;
    svg.append(shape('circle', {cx: x, cy: y, r, fill: '#56b4e9'}),
               joint === 0 ? shape('text', {x, y: y + r + 12, 'text-anchor': 'middle'}, number(error, 0))
                           : shape('text', {x: left ? x - r - 3 : x + r + 3, y: y + 4, 'text-anchor': left ? 'end' : 'start'}, number(error, 0)));
  });
  return make('figure', {}, make('figcaption', {}, title), svg, make('p', {class: 'note'}, 'From the front: the person\u2019s right is at the left. Areas go with the errors.'));
}

const rangeMiddle = (text) => {
  const [low, high] = text.replace(/^\d+: /, '').split('..').map(Number);
  return (low + high) / 2;
};

function addErrors() {
  const metric = make('select', {'aria-label': 'Metric'}, ...['pa_mpjpe', 'pa_mpjpe_reflection', 'n_mpjpe'].map((key) =>
      make('option', {value: key}, METRICS.find(([name]) => name === key)[1])));
  const composition = make('select', {'aria-label': 'Composition'});
  const fillChoices = () => {
    const before = composition.value;
    const names = shown.results.filter((row) => row.joints === 'all' && row.per_joint).map(rowKey);
    composition.replaceChildren(...names.map((key) => make('option', {value: key}, rowName(resultOf(shown, key)))));
    composition.value = names.includes(before) ? before : names.find((key) => key.startsWith('legs_torso|none')) ?? names[0] ?? '';
  };
  follow.push(fillChoices);
  fillChoices();
  const place = ofRun((run) => {
    const row = resultOf(run, composition.value), key = metric.value;
    if (!row) return make('p', {}, 'The evaluation has no errors of single joints: evaluate again.');
    const children = [body('Per joint, mm', row.per_joint[key])];
    const mine = run.groups.filter((group) => row.scenario === 'none' && group.composition === row.composition && group.group !== 'mean' && group[key] !== null);
    for (const grouping of new Set(mine.map((group) => group.grouping))) {
      const list = mine.filter((group) => group.grouping === grouping);
      if (grouping === page.by_azimuth || grouping === page.by_likelihood) {
        children.push(chart({title: grouping === page.by_azimuth ? 'Against azimuth' : 'Against the flow\u2019s likelihood',
          x_label: grouping === page.by_azimuth ? 'degrees: 0 to the camera, 180 from it' : '\u2212log p of the keypoints (nats), tenths of the poses', y_label: 'mm',
          curves: [{name: '', x: list.map((group) => rangeMiddle(group.group)), y: list.map((group) => group[key])}]}));
      } else {
        children.push(bars(`Per ${grouping}, mm`, list.map((group) => [group.group, group[key], group.poses]).sort((x, y) => y[1] - x[1])));
      }
    }
    return make('div', {class: 'charts'}, ...children);
  });
  const again = follow.at(-1);
  metric.addEventListener('change', again);
  composition.addEventListener('change', again);
  addSection('errors', 'What errors go with', make('div', {class: 'row'}, composition, metric), place);
}

function addOcclusion() {
  if (!runs.some((run) => run.results.some((row) => row.scenario !== 'none'))) return;
  addSection('occlusion', 'Occlusion', ofRun((run) => {
    const scenarios = [...new Set(run.results.filter((row) => row.scenario !== 'none').map((row) => row.scenario))];
    if (!scenarios.length) return make('p', {}, 'The evaluation hides nothing.');
    const columns = [...new Set(run.results.filter((row) => row.scenario !== 'none').map((row) => `${row.filler}|${row.joints}`))];
    const pairs = scenarios.filter((name) => name.startsWith('pair/') || name.startsWith('single/'));
    const children = [];
    if (pairs.length > 17) children.push(matrix(run));
    const rows = scenarios.map((scenario) => ({cells: [{text: words(scenario), value: scenario, class: 'words'}, ...columns.map((column) => {
      const [filler, joints] = column.split('|');
      const row = run.results.find((other) => other.scenario === scenario && other.filler === filler && other.joints === joints);
      return {text: number(row?.pa_mpjpe), value: row?.pa_mpjpe};
    })]}));
    children.push(make('p', {}, 'PA-MPJPE (no reflection), mm: over all joints, the visible and the hidden ones.'),
      sortable([{text: 'hidden', words: true}, ...columns.map((column) => ({text: column.replace('|', ', ')}))], rows));
    return children;
  }));
}

function matrix(run) {
  const names = page.joints.slice(1), of = (scenario) => run.results.find((row) => row.scenario === scenario && row.filler === 'mask' && row.joints === 'all')?.pa_mpjpe;
  const value = (a, b) => a === b ? of('single/' + a) : of(`pair/${a}+${b}`) ?? of(`pair/${b}+${a}`);
  const all = names.flatMap((a) => names.map((b) => value(a, b))).filter(Number.isFinite), low = Math.min(...all), high = Math.max(...all);
  return make('div', {class: 'scroll'}, make('table', {}, make('tr', {}, make('th'), ...names.map((name) => make('th', {}, name))),
      ...names.map((a) => make('tr', {}, make('td', {class: 'words'}, a), ...names.map((b) => {
        const error = value(a, b), share = Number.isFinite(error) ? (error - low) / (high - low || 1) : 0;
        return make('td', {style: `background: rgba(213, 94, 0, ${(0.75 * share).toFixed(2)})`}, number(error));
      })))));
}

function drawFlat(context, points, states, width, height) {
  const xs = points.map((p) => p[0]), ys = points.map((p) => p[1]);
  const scale = Math.min((width - 24) / (Math.max(...xs) - Math.min(...xs) || 1), (height - 24) / (Math.max(...ys) - Math.min(...ys) || 1));
  const at = points.map(([x, y]) => [width / 2 + scale * (x - (Math.max(...xs) + Math.min(...xs)) / 2), height / 2 + scale * (y - (Math.max(...ys) + Math.min(...ys)) / 2)]);
  for (const [parent, child] of page.bones) line(context, at[parent], at[child], boneColor(page.joints[child]), 2.5);
  at.forEach((point, joint) => dot(context, point, 3.5, states[joint]));
}

function addSamples() {
  if (!page.ours.length) return;
  const strip = (title, values) => make('figure', {}, make('figcaption', {}, title), (() => {
    const count = values.length / 34, columns = 6, size = 76;
    const svg = shape('svg', {class: 'chart', viewBox: `0 0 ${columns * size} ${Math.ceil(count / columns) * size}`, role: 'img', 'aria-label': title});
    for (let i = 0; i < count; ++i) {
      const pose = Array.from({length: 17}, (_, j) => [values[34 * i + 2 * j], values[34 * i + 2 * j + 1]]);
      const xs = pose.map((p) => p[0]), ys = pose.map((p) => p[1]);
      const scale = (size - 12) / Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys), 1e-9);
      const at = pose.map(([x, y]) => [(i % columns + 0.5) * size + scale * (x - (Math.max(...xs) + Math.min(...xs)) / 2),
                                       (Math.floor(i / columns) + 0.5) * size + scale * (y - (Math.max(...ys) + Math.min(...ys)) / 2)]);
      for (const [parent, child] of page.bones) {
        svg.append(shape('line', {x1: at[parent][0], y1: at[parent][1], x2: at[child][0], y2: at[child][1], stroke: boneColor(page.joints[child]),
                                  'stroke-width': 2, 'stroke-linecap': 'round'}));
      }
    }
    return svg;
  })());
  addSection('samples', 'Sampled poses', make('p', {}, `Of ${runs[0].name}: 2D poses of the full-pose flow, the same latent noise in both.`),
      make('div', {class: 'samples'}, strip('from the prior (random)', page.random), strip('around real poses (eq. 3)', page.ours)));
}

// --- The error browser ---------------------------------------------------------------------------------------------

const browse = {run: 0, pose: 0, order: [], yaw: VIEWS.start[0], pitch: VIEWS.start[1], zoom: 1, both: true, drawn: 0};

function addBrowser() {
  const b = page.browser;
  if (!b) {
    addSection('browser', 'Error browser', make('p', {}, 'Made without --data: no poses to look at.'));
    return;
  }
  const buffer = bytesOf(byId('data').textContent);
  const read = ({offset, length, step}) => ({values: new Int16Array(buffer, offset, length), step});
  const truth = read(b.truth), keypoints = read(b.keypoints), lifted = b.runs.map((run) => read(run.joints));
  const triple = ({values, step}, pose, joint) => [0, 1, 2].map((k) => step * values[3 * (17 * pose + joint) + k] / 1000);  // m
  const names = (pose) => Object.values(b.filters ?? {}).map((filter) => filter.names[filter.of_pose[pose]]);

  const runList = make('select', {'aria-label': 'Run', id: 'browse-run'}, ...b.runs.map((run, i) => make('option', {value: i}, run.name)));
  const filters = Object.entries(b.filters ?? {}).map(([name, {names: values}]) => [name, make('select', {'aria-label': name, id: 'filter-' + name},
      make('option', {value: -1}, `every ${name}`), ...values.map((value, i) => make('option', {value: i}, value)))]);
  const joint = make('select', {'aria-label': 'Joint', id: 'browse-joint'}, make('option', {value: -1}, 'all joints'), ...page.joints.map((name, i) => make('option', {value: i}, 'error of ' + name)));
  const metric = make('select', {'aria-label': 'Order', id: 'browse-order'}, make('option', {value: 'pa_mpjpe'}, 'PA-MPJPE'), make('option', {value: 'n_mpjpe'}, 'N-MPJPE'),
                      b.runs.some((run) => run.nats) ? make('option', {value: 'nats'}, '\u2212log p') : '');
  const best = make('input', {type: 'checkbox', id: 'browse-best'});
  const list = make('div', {class: 'list', id: 'browse-list', tabindex: 0});
  const space = make('canvas', {id: 'space-canvas', 'aria-label': 'Skeletons in 3D: drag to turn, wheel to zoom'}), flat = make('canvas', {id: 'flat-canvas'});
  const about = make('p', {id: 'browse-about'}), count = make('span', {class: 'note', id: 'browse-count'});
  const SHOWN = 300;

  /** Of one joint after scaling as N-MPJPE does, mm. */
  const jointError = (run, pose, at) => {
    let pp = 0, gg = 0;
    for (let j = 0; j < 17; ++j) {
      for (const value of triple(lifted[run], pose, j)) pp += value * value;
      for (const value of triple(truth, pose, j)) gg += value * value;
    }
    const scale = Math.sqrt(gg / (pp || 1)), p = triple(lifted[run], pose, at), g = triple(truth, pose, at);
    return 1000 * Math.hypot(...p.map((value, k) => scale * value - g[k]));
  };

  const valueOf = (pose) => Number(joint.value) >= 0 ? jointError(browse.run, pose, Number(joint.value)) : b.runs[browse.run][metric.value]?.[pose];
  function fill() {
    browse.run = Number(runList.value);
    const rows = [];
    for (let pose = 0; pose < b.poses; ++pose) {
      if (filters.some(([name, select]) => Number(select.value) >= 0 && b.filters[name].of_pose[pose] !== Number(select.value))) continue;
      rows.push([valueOf(pose) ?? Infinity, pose]);
    }
    const sign = best.checked ? 1 : -1;
    rows.sort((x, y) => sign * (x[0] - y[0]) || x[1] - y[1]);
    browse.order = rows.map(([, pose]) => pose);
    count.textContent = `${rows.length} of ${b.poses} poses` + (rows.length > SHOWN ? `, the first ${SHOWN} listed` : '');
    list.replaceChildren(...rows.slice(0, SHOWN).map(([value, pose]) => make('button', {type: 'button', 'data-pose': pose, onclick: () => choose(pose)},
        make('span', {class: 'name'}, names(pose).join(', ') || `pose ${pose}`), make('span', {}, Number.isFinite(value) ? number(value) : 'rejected'))));
    if (rows.length) choose(browse.order[0]);
  }

  function choose(pose) {
    browse.pose = pose;
    for (const button of list.querySelectorAll('[aria-current]')) button.removeAttribute('aria-current');
    list.querySelector(`[data-pose="${pose}"]`)?.setAttribute('aria-current', 'true');
    const run = b.runs[browse.run];
    about.textContent = [`Pose ${pose}`, ...names(pose), b.frame ? `frame ${b.frame[pose]}` : ''].filter(Boolean).join(', ') +
        `: PA-MPJPE ${number(run.pa_mpjpe[pose])} mm, N-MPJPE ${number(run.n_mpjpe[pose])} mm` + (run.nats ? `, \u2212log p ${number(run.nats[pose])} nats` : '');
    redraw();
  }

  let stale = false;
  function redraw() {
    if (stale) return;
    stale = true;
    requestAnimationFrame(() => { stale = false; draw(); });
  }
  const states = Array(17).fill(0);
  function draw() {
    const {context, width, height} = prepare(space);
    const room = {reach: 0.7, height: 1.6}, pose = browse.pose;
    const project = projector(browse, room, width, height);
    const feet = Math.max(...Array.from({length: 17}, (_, j) => triple(truth, pose, j)[1]));
    drawFloor(context, project, browse, room, width);
    const parts = [];
    [[truth, -0.55, 'truth'], [lifted[browse.run], 0.55, 'lifted']].forEach(([source, across, name]) => {
      const at = Array.from({length: 17}, (_, j) => { const [x, y, z] = triple(source, pose, j); return project([x + across, y - feet, z]); });
      parts.push(...skeletonParts(context, at, page.bones, page.joints, states));
      const top = at.reduce((least, point) => (point[1] < least[1] ? point : least));
      parts.push({depth: -1e3, draw() { label(context, name, top[0], top[1] - 12, INK); }});
    });
    drawParts(parts);
    const second = prepare(flat);
    drawFlat(second.context, Array.from({length: 17}, (_, j) => [0, 1].map((k) => keypoints.step * keypoints.values[2 * (17 * pose + j) + k])), states, second.width, second.height);
    ++browse.drawn;
  }

  const scatterPlace = make('div', {id: 'scatter'});
  const scatter = () => {
    const run = b.runs[browse.run];
    scatterPlace.replaceChildren(run.nats ? chart({title: 'Every pose: error against the flow\u2019s likelihood (click one)', x_label: '\u2212log p of the keypoints (nats)', y_label: 'PA-MPJPE (mm)',
      dots: true, curves: [{name: '', x: run.nats, y: run.pa_mpjpe}], pick: choose}) : '');
  };
  for (const select of [runList, joint, metric, best, ...filters.map(([, select]) => select)]) select.addEventListener('change', fill);
  runList.addEventListener('change', scatter);
  list.addEventListener('keydown', (event) => {
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (!step) return;
    event.preventDefault();
    const next = browse.order[clamp(browse.order.indexOf(browse.pose) + step, 0, browse.order.length - 1)];
    choose(next);
    list.querySelector(`[data-pose="${next}"]`)?.scrollIntoView({block: 'nearest'});
  });
  addSection('browser', 'Error browser',
      make('p', {class: 'note'}, `Every evaluated pose, lifted by ${words(b.lifting)}; the poses of single joints at the scale of N-MPJPE.`),
      make('div', {class: 'row'}, runList, ...filters.map(([, select]) => select), joint, metric, make('label', {}, best, ' best first'), count), about,
      make('div', {class: 'browser'}, list, make('div', {}, space, make('div', {class: 'row'}, ...['camera', 'side', 'top'].map((name) =>
          make('button', {type: 'button', onclick: () => { [browse.yaw, browse.pitch] = VIEWS[name]; redraw(); }}, name)))), flat),
      scatterPlace);
  listenToView(space, browse, redraw);
  new ResizeObserver(redraw).observe(space);
  fill();
  scatter();
}

function start() {
  document.title = page.title;
  byId('title').textContent = page.title;
  addSweep();
  addRun();
  addTables();
  addErrors();
  addOcclusion();
  addSamples();
  // The browser's poses are many: what stands above them is shown first.
  setTimeout(() => {
    addBrowser();
    addNotes();
  });
}

function addNotes() {
  if (page.notes.length) addSection('notes', 'Notes', ...page.notes.map((text) => make('p', {class: 'note'}, text)));
}

start();
