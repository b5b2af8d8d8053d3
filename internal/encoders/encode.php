<?php
// php encode.php IN OUT: writes each PNG of the folder IN to OUT in every way that GD has.
[, $from, $to] = $argv;
foreach (glob("$from/*.png") as $file) {
    $img = imagecreatefrompng($file);
    $stem = $to . '/' . basename($file, '.png');
    imagejpeg($img, "$stem.jpg");
    imageinterlace($img, true);
    imagejpeg($img, "$stem.interlaced.jpg", 90);
    imagepng($img, "$stem.interlaced.png");
    imageinterlace($img, false);
    imagepng($img, "$stem.plain.png");
    imagebmp($img, "$stem.bmp", false);
    imagebmp($img, "$stem.rle.bmp", true);
    if (function_exists('imagewebp')) {
        imagewebp($img, "$stem.webp");
    }
    imagetruecolortopalette($img, false, 100);
    imagepng($img, "$stem.palette.png");
    imagebmp($img, "$stem.palette.bmp", true);
}
