/** Makes the buttons in the head of a table sort it. */
export function makeSortable(table: HTMLTableElement): void {
  for (const button of Array.from(table.querySelectorAll('th button')))
    button.addEventListener('click', () => sortBy(table, button.closest('th')!));
}

/** Sorts by a column; once more turns it round. Numbers begin with the highest. */
function sortBy(table: HTMLTableElement, head: HTMLTableCellElement): void {
  const isNumber = head.dataset.kind === 'number';
  const first = isNumber ? 'descending' : 'ascending';
  const second = isNumber ? 'ascending' : 'descending';
  const order = head.getAttribute('aria-sort') === first ? second : first;
  for (const other of Array.from(table.tHead!.querySelectorAll('th')))
    other.removeAttribute('aria-sort');
  head.setAttribute('aria-sort', order);
  const sign = order === 'ascending' ? 1 : -1;
  const keyOf = (row: HTMLTableRowElement): string =>
    row.cells[head.cellIndex]!.dataset.value ?? row.cells[head.cellIndex]!.textContent ?? '';
  const compare = (a: HTMLTableRowElement, b: HTMLTableRowElement): number =>
    isNumber
      ? Number(keyOf(a)) - Number(keyOf(b))
      : keyOf(a).localeCompare(keyOf(b), 'en', { numeric: true });
  const body = table.tBodies[0]!;
  body.append(...Array.from(body.rows).sort((a, b) => sign * compare(a, b)));
}
