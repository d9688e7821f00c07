"use strict";
// All here is a comfort: without scripts the page says the same.
for (const box of document.querySelectorAll(".picture")) {
  const button = document.createElement("button");
  const title = box.closest("figure").querySelector("h3").textContent;
  button.type = "button";
  button.textContent = "Enlarge";
  button.setAttribute("aria-label", "Enlarge: " + title);
  button.addEventListener("click", () => {
    const dialog = document.createElement("dialog");
    const close = document.createElement("button");
    dialog.setAttribute("aria-label", title);
    close.type = "button";
    close.textContent = "Close";
    close.addEventListener("click", () => dialog.close());
    const home = box.parentElement;
    box.style.minHeight = box.offsetHeight + "px";
    dialog.append(close, box);
    button.hidden = true;
    dialog.addEventListener("close", () => {
      home.append(box);
      button.hidden = false;
      dialog.remove();
      button.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
  box.append(button);
}
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if ("fixed" in head.dataset) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => row.cells[column].textContent;
      const compare = (a, b) => {
        const x = Number(key(a)), y = Number(key(b));
        if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
        const order = Number.isNaN(x) ? key(a).localeCompare(key(b), undefined, { numeric: true }) : x - y;
        return down ? -order : order;
      };
      body.append(...[...body.rows].sort(compare));
    });
  });
}
