// What each app does: it has a picture and a broken one judged, and tells.

export async function tell(validate) {
  try {
    const canvas = Object.assign(document.createElement('canvas'), { width: 40, height: 30 });
    canvas.getContext('2d').fillRect(0, 0, 9, 9);
    const png = await new Promise((resolve) => { canvas.toBlob(resolve); });
    const [whole, cut] = [await validate(png), await validate(png.slice(0, png.size - 5))];
    window.said = `${whole.format} ${whole.width} ${whole.ok}, ${cut.reason}`;
  } catch (failure) {
    window.said = `${failure.name}: ${failure.message}`;
  }
}
