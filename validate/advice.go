package validate

import "strconv"

// Advice returns one sentence that tells a person what to do about the refusal.
// It holds none of the user's bytes. The texts follow the API's documentation.
func (e *Error) Advice() string {
	if e == nil {
		return ""
	}
	if e.advice != "" {
		return e.advice
	}
	switch e.Code {
	case CodeUnregisteredToken:
		return "Check the token: this one is not registered."
	case CodeFailAuthorization:
		return "Ask for access: this token may not use the service."
	case CodeTooLarge:
		return "Send a file of less than 10 MB: lower the resolution or the quality and try again."
	case CodeEmpty:
		return "Choose a picture: the file sent has no bytes."
	case CodeFaceNotFound:
		switch e.hint {
		case FaceWeak:
			return "A face may be there, but not clearly: send a sharper, better lit photo from the front, with nothing over the face."
		case FaceCovered:
			return "The face is covered: send a photo with nothing over the face, no mask, veil, sunglasses or hand, and no face paint or body art on it."
		case FaceDrawn:
			return "The face is drawn: send a photo of a person."
		case FaceRotated:
			return "The photo lies on its side or upside down: turn it upright and send it again."
		}
		return "Send a sharp, well-lit photo that shows one face from the front, not covered and not turned away."
	}
	switch e.Reason {
	case Truncated:
		return "The file ends too early: upload the original again, over a better connection if need be."
	case UnknownFormat:
		return "Send a PNG, JPG, HEIC, BMP or WebP picture: this file is none of them, whatever its name says."
	case FormatNotAllowed:
		return "This service does not take pictures of this format: save the picture in another one and try again."
	case TooManyPixels:
		if e.Limit <= 0 {
			return "The picture has too many pixels: scale it down and try again."
		}
		return "The picture has too many pixels: scale it down to at most " + grouped(e.Limit) + " and try again."
	case TooSmall:
		return "The picture is too small: send a larger one."
	case TooLargeSide:
		return "The picture is too wide or too high: scale it down and try again."
	case AspectRatio:
		return "The picture has the wrong shape: crop it and try again."
	case Animated:
		return "The picture is an animation, or one of too many frames: send a still picture."
	case TypeMismatch:
		return "The file's name or type is not that of what is in it: save the picture again, or rename it."
	case TooMuchWork:
		return "The picture is stored in an unusually costly way: open it in an image editor, save it again and try that file."
	case Unsupported:
		return "The picture is of a rare kind that most programs can't show: open it in an image editor and save it as a plain PNG or JPG."
	}
	return "The file is damaged: export the picture again from the program or phone it came from."
}

// grouped writes a positive n with a comma between thousands.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
