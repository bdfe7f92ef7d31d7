<?php

// The shop: its front page, and the version of the code that answers. `__DIR__` is the folder of the release that this code was read
// from, whatever link led here, so code that is still held in memory speaks for itself.

declare(strict_types=1);

set_error_handler(fn (int $level, string $message) => throw new ErrorException($message, 0, $level));

function front_page(string $release): string
{
    $db = new PDO("sqlite:$release/storage/database.sqlite");
    $row = $db->query(file_get_contents("$release/app/front.sql"))->fetch(PDO::FETCH_ASSOC);
    $value = fn (array $name) => $row[$name[1]] ?? throw new OutOfBoundsException("the front page has no `$name[1]`");

    return preg_replace_callback('/{(\w+)}/', $value, file_get_contents("$release/app/front.html"));
}

/** Tells the error tracker, as its SDK would. */
function report(Throwable $fault): void
{
    $dsn = parse_url(getenv('SENTRY_DSN'));
    $event = ['level' => 'error', 'exception' => ['values' => [['type' => $fault::class, 'value' => $fault->getMessage()]]]];
    try {
        file_get_contents("http://$dsn[host]:$dsn[port]/api$dsn[path]/store/", false, stream_context_create(['http' => [
            'method' => 'POST',
            'header' => "Content-Type: application/json\r\nX-Sentry-Auth: Sentry sentry_version=7, sentry_key=$dsn[user]",
            'content' => json_encode($event),
            'timeout' => 2,
        ]]));
    } catch (Throwable) {
        // A tracker that is down must not take the site with it.
    }
}

/** The status, the type and the body of the answer. */
function answer(string $release, string $path): array
{
    return match ($path) {
        '/' => [200, 'text/html', front_page($release)],
        '/version' => [200, 'text/plain', file_get_contents("$release/VERSION")],
        default => [404, 'text/plain', "not found\n"],
    };
}

try {
    [$status, $type, $body] = answer(dirname(__DIR__), strtok($_SERVER['REQUEST_URI'], '?'));
} catch (Throwable $fault) {
    report($fault);
    [$status, $type, $body] = [500, 'text/plain', "Server Error\n"];
}
http_response_code($status);
header("Content-Type: $type");
echo $body;
