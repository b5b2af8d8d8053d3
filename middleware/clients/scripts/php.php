<?php
// PHP's curl and its stream context. Arguments: URL, PNG, JPEG.
[, $base, $png, $jpeg] = $argv;

function url($form, $files) {
    global $base;
    return $base . '?' . http_build_query(['form' => $form, 'files' => $files]);
}

function send($form, $files, $options) {
    $c = curl_init(url($form, $files));
    curl_setopt_array($c, $options + [CURLOPT_RETURNTRANSFER => true]);
    curl_exec($c);
}

send('PHP curl: CURLFile', 1, [CURLOPT_POSTFIELDS => ['note' => 'größe', 'image' => new CURLFile($png)]]);
send('PHP curl: name and type', 1, [CURLOPT_POSTFIELDS => ['image' => new CURLFile($png, 'image/png', 'it\'s "quoted"; größe 图.png')]]);
send('PHP curl: two files', 2, [CURLOPT_POSTFIELDS => ['image' => new CURLFile($png, 'image/png'), 'image2' => new CURLFile($jpeg, 'image/jpeg')]]);
send('PHP curl: CURLStringFile', 1, [CURLOPT_POSTFIELDS => ['image' => new CURLStringFile(file_get_contents($png), 'a.png', 'image/png')]]);
send('PHP curl: body', 1, [CURLOPT_POSTFIELDS => file_get_contents($png), CURLOPT_HTTPHEADER => ['Content-Type: image/png']]);
send('PHP curl: body without a type', 1, [CURLOPT_POSTFIELDS => file_get_contents($png)]);

$boundary = '--------------------------' . microtime(true);
$body = "--$boundary\r\nContent-Disposition: form-data; name=\"image\"; filename=\"" . basename($png) . "\"\r\n"
    . "Content-Type: image/png\r\n\r\n" . file_get_contents($png) . "\r\n"
    . "--$boundary\r\nContent-Disposition: form-data; name=\"foo\"\r\n\r\nbar\r\n--$boundary--\r\n";
$context = stream_context_create(['http' => [
    'method' => 'POST', 'header' => "Content-Type: multipart/form-data; boundary=$boundary", 'content' => $body,
]]);
file_get_contents(url("PHP stream context, the manual's recipe", 1), false, $context);
