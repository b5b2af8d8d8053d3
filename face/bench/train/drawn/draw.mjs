// Draws avatars of people: node draw.mjs FOLDER writes FOLDER/STYLE/NUMBER.svg.
import { createAvatar } from '@dicebear/core'
import * as styles from '@dicebear/collection'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const folder = process.argv[2]
const each = 40
const save = (style, n, svg) => {
	mkdirSync(`${folder}/${style}`, { recursive: true })
	writeFileSync(`${folder}/${style}/${String(n).padStart(2, '0')}.svg`, svg)
}
for (const style of ['adventurer', 'adventurerNeutral', 'avataaars', 'avataaarsNeutral', 'bigEars', 'bigEarsNeutral', 'bigSmile', 'croodles', 'dylan', 'funEmoji', 'lorelei', 'micah', 'miniavs', 'notionists', 'openPeeps', 'personas', 'pixelArt', 'toonHead']) {
	for (let n = 0; n < each; n++) {
		const options = { seed: `${style}-${n}`, size: 256 }
		if (n % 2) options.backgroundColor = ['b6e3f4', 'c0aede', 'd1d4f9', 'ffd5dc', 'ffdfbf', '808080', '224466'].slice(n % 7, n % 7 + 1)
		save(style, n, createAvatar(styles[style], options).toString())
	}
}
const multiavatar = require('@multiavatar/multiavatar')
for (let n = 0; n < each; n++) save('multiavatar', n, multiavatar(`person ${n}`))
const React = require('react')
const { renderToStaticMarkup } = require('react-dom/server')
let state = 7
const random = n => (state = (state * 48271) % 2147483647) % n
const pick = list => list[random(list.length)]
const bean = require('beanheads')
const options = { body: ['chest', 'breasts'], skinTone: ['light', 'yellow', 'brown', 'dark', 'red', 'black'], eyes: ['normal', 'leftTwitch', 'happy', 'content', 'squint', 'simple', 'dizzy', 'wink', 'heart'], eyebrows: ['raised', 'leftLowered', 'serious', 'angry', 'concerned'], mouth: ['grin', 'sad', 'openSmile', 'lips', 'open', 'serious', 'tongue'], facialHair: ['none', 'none2', 'none3', 'stubble', 'mediumBeard'], hair: ['none', 'long', 'bun', 'short', 'pixie', 'balding', 'buzz', 'afro', 'bob'], hairColor: ['blonde', 'orange', 'black', 'white', 'brown', 'blue', 'pink'], accessory: ['none', 'roundGlasses', 'tinyGlasses', 'shades'], clothing: ['naked', 'shirt', 'dressShirt', 'vneck', 'tankTop', 'dress'], hat: ['none', 'none2', 'beanie', 'turban'] }
for (let n = 0; n < each; n++) {
	const props = {}
	for (const k in options) props[k] = pick(options[k])
	save('beanheads', n, renderToStaticMarkup(React.createElement(bean.BeanHead ?? bean.default.BeanHead, props)))
}
// facesjs draws with Math.random.
Math.random = () => random(1 << 30) / (1 << 30)
const faces = await import('facesjs')
for (let n = 0; n < each; n++) save('facesjs', n, faces.faceToSvgString(faces.generate()))
