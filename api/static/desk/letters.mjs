// Which letter a key stands for, whatever is switched on: with Korean input the key of "j" says "ㅓ".

export function letterOf(event) {
  if (/^[\x21-\x7e]$/.test(event.key)) return event.key.toLowerCase();
  const letter = /^Key([A-Z])$/.exec(event.code ?? "");
  return letter ? letter[1].toLowerCase() : event.key;
}
