<?php

use Illuminate\Database\Migrations\Migration;
use Illuminate\Support\Facades\DB;

return new class extends Migration
{
    public function up(): void
    {
        DB::statement('CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL)');
    }

    public function down(): void
    {
        DB::statement('DROP TABLE users');
    }
};
