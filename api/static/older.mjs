// What our scripts use and engines of 2020 (Chrome 80, Safari 13.1) lack. Each bundle begins with it.

function add(prototype, name, value) {
  if (!(name in prototype)) Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
}

add(Array.prototype, "at", function at(index) {
  return this[index < 0 ? this.length + index : index];
});
add(String.prototype, "replaceAll", function replaceAll(found, put) {
  return typeof found === "string" ? this.split(found).join(put) : this.replace(found, put);
});
if (typeof Element === "function") {
  for (const { prototype } of [Element, Document, DocumentFragment]) {
    add(prototype, "replaceChildren", function replaceChildren(...children) {
      while (this.lastChild) this.removeChild(this.lastChild);
      this.append(...children);
    });
  }
}
