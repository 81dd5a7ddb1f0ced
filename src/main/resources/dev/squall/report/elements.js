'use strict';

// Elements of a page. Text of others is only ever text.

const MOST_LINES = 12;

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  made.append(...children.filter(child => child !== null));
  return made;
}

function drawn(tag, attributes, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
  made.append(...children);
  return made;
}

const number = content => ({content, number: true});

function table(caption, heads, rows, {tall = false, stack = false} = {}) {
  const numeric = heads.map((head, i) => rows.some(row => row[i]?.number));
  const head = element('tr', {}, ...heads.map((text, i) =>
    element('th', {scope: 'col', class: numeric[i] ? 'number' : ''}, text)));
  const made = element('table', {class: stack ? 'stack' : ''},
    element('caption', {class: caption ? '' : 'hidden'}, caption || heads.join(', ')),
    element('thead', {}, head),
    element('tbody', {}, ...rows.map(row => element('tr', {}, ...row.map((cell, i) => {
      const content = [cell?.number ? cell.content : cell].flat().filter(part => part !== null && part !== undefined);
      return element(i === 0 ? 'th' : 'td', {...(i === 0 ? {scope: 'row'} : {}), class: cell?.number ? 'number' : ''}, ...content);
    })))));
  const scrolls = tall && rows.length > MOST_LINES;
  return element('div', scrolls ? {class: 'tall', tabindex: 0, role: 'region', 'aria-label': caption} : {class: 'wide'}, made);
}

const list = (items, attributes = {}) => element('ul', attributes, ...items.map(item => element('li', {}, item)));
const small = (...content) => element('small', {}, ...content);
const plural = (count, word, words = `${word}s`) => `${Figures.count(count)} ${count === 1 ? word : words}`;
const code = text => element('code', {}, text);

function facts(pairs) {
  return element('dl', {class: 'facts'}, ...pairs.filter(pair => pair !== null).flatMap(([name, ...value]) =>
    [element('dt', {}, name), element('dd', {}, ...value)]));
}

function bigFigures(items) {
  return element('dl', {class: 'figures'}, ...items.filter(item => item !== null).map(([name, value, more]) =>
    element('div', {}, element('dt', {}, name), element('dd', {}, value, more ? small(...[more].flat()) : null))));
}

function choice(label, options, onChange) {
  const select = element('select', {}, ...options.map((option, i) => element('option', {value: i}, option)));
  select.addEventListener('change', () => onChange(Number(select.value)));
  return element('label', {}, `${label} `, select);
}

function section(id, ...content) {
  const place = document.getElementById(id);
  place.append(...content.filter(part => part !== null));
  return place;
}
